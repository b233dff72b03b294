import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';
import { readModel } from '@rampart/onnx';

import { engineNamed } from './engines';
import type { InnerAttack } from './inner-attack';
import { type ObjectiveTerm, oneHot } from './objective';
import { trainableInitializers } from './onnx/trainable';
import { sgd } from './optimiser';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const COUNT = 8;
const rng = Rng.root('inner attacks of both engines');
const images = { data: Float32Array.from({ length: COUNT * 768 }, () => rng.uniform() - 0.5), shape: [3, 16, 16] };
const labels = { data: oneHot([0, 1, 2, 2, 1, 0, 1, 2], 3), shape: [3] };
const reach = { data: Float32Array.of(1, 0, 1, 0.5, 1, 1, 0, 1), shape: [1] };

const at = { input: 'adversarial', output: 'logits' };
const inner: InnerAttack = {
  ...{ from: 'images', to: 'adversarial', output: 'logits', against: { view: 'labels' }, reach: 'reach' },
  ...{ norm: 'l2', epsilon: 1, steps: 2, length: 0.8, start: 'original', box: PUBLICATION_BOX },
};

const CASES: Readonly<Record<string, readonly [InnerAttack, ObjectiveTerm]>> = {
  'descent on the labels': [inner, { ...at, loss: 'cross-entropy', target: 'labels' }],
  'a step against the predicted class': [
    { ...inner, norm: 'linf', against: 'predicted', steps: 1, epsilon: 0.1, length: 0.1 },
    { ...at, loss: 'kl', target: { answerTo: 'images' } },
  ],
  'kept answers': [
    { ...inner, keep: 'answers' },
    { ...at, loss: 'kl', target: 'answers' },
  ],
  'changes that are kept': [
    { ...inner, steps: 1, start: { keptIn: 'changes' } },
    { ...at, loss: 'cross-entropy', target: 'labels' },
  ],
  'changes for free': [
    { ...inner, norm: 'linf', free: true, steps: 0, epsilon: 0.1 },
    { ...at, loss: 'cross-entropy', target: 'labels' },
  ],
};

/** Losses and weights of three steps, weights perturbed and averaged. */
async function trained(engine: string, [attack, term]: readonly [InnerAttack, ObjectiveTerm]) {
  const model = await createModel(
    { name: 'lenet5', params: { conv1: 2, conv2: 3, dense1: 8, dense2: 6 } },
    { shape: { channels: 3, height: 16, width: 16 }, classes: 3, box: PUBLICATION_BOX, rng: Rng.root('weights') },
  );
  const session = await engineNamed(engine).start({
    ...{ model, objective: { terms: [term] }, optimiser: sgd(0.05, 0.9), inner: attack, rng, perturbation: 0.01 },
  });
  const changes = { data: images.data.map((value) => value / 50), shape: images.shape };
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    losses.push(await session.step({ images, labels, reach, changes }, COUNT));
    session.average(0.5);
  }
  const weights = [await session.model(), await session.model(true)].map((file) => {
    const { graph } = readModel(file);
    return trainableInitializers(graph).flatMap((name) => [...(graph.initializers.get(name)!.data as Float32Array)]);
  });
  await session.dispose();
  return { losses, weights, changes: changes.data };
}

it.each(Object.keys(CASES))('%s: both engines train alike', async (name) => {
  const [onnx, tfjs] = [await trained('onnx', CASES[name]!), await trained('tfjs', CASES[name]!)];
  onnx.losses.forEach((loss, step) => expect(tfjs.losses[step]).toBeCloseTo(loss, 4));
  onnx.changes.forEach((value, k) => expect(Math.abs(tfjs.changes[k]! - value)).toBeLessThan(1e-3));
  onnx.weights.forEach((values, which) =>
    values.forEach((value, k) => expect(Math.abs(tfjs.weights[which]![k]! - value)).toBeLessThan(1e-3)),
  );
  expect(onnx.weights[0]).not.toEqual(onnx.weights[1]);
});
