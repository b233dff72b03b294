import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel, withWeights } from '@rampart/models';
import { type Model, readModel, type Tensor, writeModel } from '@rampart/onnx';

import type { Views } from './engine';
import { engineNamed } from './engines';
import { type ObjectiveTerm, oneHot } from './objective';
import { trainableInitializers } from './onnx/trainable';
import { sgd } from './optimiser';

// A busy machine is slow, not wrong.
jest.setTimeout(120_000);

const COUNT = 6;
const CLASSES = 3;
const SHAPE = { channels: 1, height: 16, width: 16 };
const rng = Rng.root('gradients of objectives');

const around = (scale: number, from: Float32Array) => from.map((value) => value + scale * (rng.uniform() - 0.5));
const pixels = Float32Array.from({ length: COUNT * 256 }, () => rng.uniform() - 0.5);
const labels = oneHot([0, 1, 2, 2, 1, 0], CLASSES);
const views: Views = {
  images: { data: pixels, shape: [1, 16, 16] },
  adversarial: { data: around(2, pixels), shape: [1, 16, 16] },
  labels: { data: labels, shape: [CLASSES] },
  directions: { data: around(2, new Float32Array(COUNT * CLASSES)), shape: [CLASSES] },
};

const at = { input: 'adversarial', output: 'logits' };
const own = { answerTo: 'images' };

/** What the defenses' objectives are made of. */
const TERMS: Readonly<Record<string, readonly ObjectiveTerm[]>> = {
  'cross-entropy': [{ ...at, loss: 'cross-entropy', target: 'labels' }],
  'the divergence from its own answer': [
    { loss: 'cross-entropy', input: 'images', output: 'logits', target: 'labels' },
    { ...at, loss: 'kl', target: own, weight: 6 },
  ],
  'the cross-entropy with its own answer': [{ ...at, loss: 'cross-entropy', target: own, temperature: 2 }],
  'the distance from its own answer': [{ ...at, loss: 'mse', target: own }],
  'the boosted cross-entropy': [{ ...at, loss: 'boosted-cross-entropy', target: 'labels' }],
  'a divergence weighted by doubt': [
    { ...at, loss: 'kl', target: own, doubt: { answerTo: 'images', labels: 'labels' }, weight: 5 },
  ],
  'the gradient of the cross-entropy': [{ ...at, loss: 'input-gradient', target: 'labels' }],
  'the Jacobian along a direction': [{ ...at, loss: 'jacobian', target: 'directions' }],
  'the Jacobians of the layers': [{ ...at, loss: 'contraction' }],
};

const PENALTIES = [
  'the gradient of the cross-entropy',
  'the Jacobian along a direction',
  'the Jacobians of the layers',
];

const initial = createModel(
  { name: 'lenet5', params: { conv1: 2, conv2: 3, dense1: 6, dense2: 5 } },
  { shape: SHAPE, classes: CLASSES, box: PUBLICATION_BOX, rng: Rng.root('weights') },
).then(readModel);

/** The objective's value, and its gradient for each weight: what a step of length 1 takes away. */
async function evaluate(engine: string, model: Model, terms: readonly ObjectiveTerm[]) {
  const options = { model: writeModel(model), objective: { terms }, optimiser: sgd(1, 0) };
  const session = await engineNamed(engine).start(options);
  const loss = await session.step(views, COUNT);
  const after = readModel(await session.model()).graph.initializers;
  await session.dispose();
  const names = trainableInitializers(model.graph);
  const gradient = names.map((name) => {
    const moved = after.get(name)!.data as Float32Array;
    return (model.graph.initializers.get(name)!.data as Float32Array).map((value, k) => value - moved[k]!);
  });
  return { loss, gradient: gradient.flatMap((values) => [...values]) };
}

/** The model, its weights moved. */
function moved(model: Model, direction: readonly number[], length: number): Model {
  let offset = 0;
  const weights = new Map<string, Tensor>();
  for (const name of trainableInitializers(model.graph)) {
    const before = model.graph.initializers.get(name)!;
    const from = offset;
    const data = (before.data as Float32Array).map((value, k) => value + length * direction[from + k]!);
    weights.set(name, { ...before, data } as Tensor);
    offset += data.length;
  }
  return withWeights(model, weights);
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

it.each(Object.keys(TERMS))('differentiates %s as finite differences do, in both engines', async (name) => {
  const model = await initial;
  const terms = TERMS[name]!;
  const { loss, gradient } = await evaluate('onnx', model, terms);
  expect(loss).not.toBe(0);
  const size = Math.sqrt(dot(gradient, gradient));
  expect(size).toBeGreaterThan(0);
  const drawn = rng.split(name);
  for (let trial = 0; trial < 2; trial++) {
    const noise = gradient.map(() => drawn.normal());
    const scale = Math.sqrt(dot(noise, noise));
    // Half along the gradient, so that float32 can tell the difference, and half anywhere.
    const direction = noise.map((value, k) => value / scale + gradient[k]! / size);
    const [up, down] = [
      await evaluate('onnx', moved(model, direction, 2e-3), terms),
      await evaluate('onnx', moved(model, direction, -2e-3), terms),
    ];
    const expected = dot(gradient, direction);
    expect(Math.abs((up.loss - down.loss) / 4e-3 - expected)).toBeLessThan(0.02 * Math.abs(expected));
  }
  if (PENALTIES.includes(name)) {
    await expect(evaluate('tfjs', model, terms)).rejects.toThrow(/"tfjs" differentiates no gradient/);
    return;
  }
  const other = await evaluate('tfjs', model, terms);
  expect(Math.abs(other.loss - loss)).toBeLessThan(1e-5 * Math.max(1, Math.abs(loss)));
  const difference = other.gradient.map((value, k) => value - gradient[k]!);
  expect(Math.sqrt(dot(difference, difference))).toBeLessThan(1e-4 * size);
});
