import { openVerifier } from '@rampart/models';
import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { distillation, softLabels } from './distillation';

describeDefense(distillation, defenseArena({ temperature: 20, epochs: 4 }));

it("labels every training image with the teacher's softmax at the temperature", async () => {
  const { model, train } = defenseArena({});
  const verifier = await openVerifier(model, { box: train.images.box });
  const logits = await verifier.logits(train.images.data);
  await verifier.dispose();
  const labels = await softLabels(model, { train }, 20);
  // To the bit: the student's weights hang on it.
  logits.forEach((logit, i) => {
    const other = logits[i % 2 === 0 ? i + 1 : i - 1]!;
    const [own, others] = [logit, other].map((value) => Math.exp((value - Math.max(logit, other)) / 20));
    expect(labels[i]).toBe(Math.fround(own! / (own! + others!)));
  });
});
