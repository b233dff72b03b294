import { type AttackDefinition, type AuditedAttack, defineAttack, predictions, Registry } from '@rampart/core';
import { z } from 'zod';

import { auditArena } from './audit-arena';
import { auditSubject } from './audit-subject';

/** One step along the gradient of the margin, in a ball. */
const step = defineAttack({
  ...{ name: 'step', summary: 'One step.', source: 'This spec', version: 1 },
  ...{ family: 'budget', norms: ['linf'], params: z.object({}) },
  each:
    ({ epsilon }) =>
    async (instance) => {
      const { gradient } = await instance.gradient(instance.original, 'margin');
      const point = instance.original.map((value, k) => value - epsilon * Math.sign(gradient[k]!));
      instance.project(point);
      await instance.margin(point);
    },
});
const registry = new Registry<AttackDefinition>('attack', [step]);

async function made() {
  const { model, test } = await auditArena({ instances: 30 });
  const { model: source } = await auditArena({ instances: 30, seed: 'another' });
  return auditSubject({ model, test, registry, source, attacks: ['step(epsilon=0.05)'] });
}

it('is what the attacks really did', async () => {
  const subject = await made();
  const [attack] = subject.attacks as [AuditedAttack];
  const model = await subject.verifier();
  const examples = await attack.examples(subject.attacked);
  expect(attack.predictions).toEqual(predictions(await model.logits(examples), model.classes));
  expect([...attack.evades]).toEqual(
    [...attack.predictions].map((label, i) => Number(label !== subject.test.labels[i])),
  );
  expect(Math.max(...attack.distances)).toBeCloseTo(0.05, 6);
  expect(subject.threats).toEqual([{ norm: 'linf', epsilon: 0.05 }]);
  expect(subject.attackable).toHaveLength(29);
  expect(subject.transferred).toMatchObject([{ madeAgainst: 'source' }]);
});

it('counts the gradients that it gives, those of views and attacks too', async () => {
  const subject = await made();
  const positions = Int32Array.of(1, 5, 7);
  const images = subject.images(positions);
  const labels = Int32Array.of(0, 1, 2);
  await (await subject.open())!.lossGradient(images, labels, 'margin');
  expect(subject.spent()).toBe(3);
  await (await subject.open({ smoothing: { radius: 0.1, samples: 4 } }))!.lossGradient(images, labels, 'margin');
  expect(subject.spent()).toBe(15);
  const again = await subject.attack({ name: 'step', params: { epsilon: 0.05 } }, positions);
  expect(subject.spent()).toBe(15 + again!.gradientEvaluations);
  expect(await subject.open({ logits: 'inner' })).toBeUndefined();
});

it('lets the questions of an attack be listened to', async () => {
  const subject = await made();
  const asked: number[] = [];
  await subject.attack({ name: 'step', params: { epsilon: 0.05 } }, Int32Array.of(3), {}, (images, logits) => {
    asked.push(images.length / 36, logits.length / 3);
  });
  expect(asked.length).toBeGreaterThan(2);
  expect(new Set(asked)).toEqual(new Set([1]));
});

it('feeds images scaled and shifted, and judges them in batches', async () => {
  const subject = await made();
  const images = subject.images(Int32Array.of(0, 1, 2, 3, 4));
  const model = await subject.verifier();
  const fed = (await subject.open({ feed: { scale: 2, shift: -0.25 } }))!;
  expect(await fed.logits(images)).toEqual(await model.logits(images.map((value) => 2 * value - 0.25)));
  expect(await (await subject.verifier(2)).logits(images)).toEqual(await model.logits(images));
});
