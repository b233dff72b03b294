// Coordinate greedy as it is defined, a gradient and a forward evaluation for every coordinate tried, against the
// search that takes the same path for less, on an untrained LeNet-5 and MNIST's "4".
import { createRequire } from 'node:module';

import { compare } from './compare.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { evade, PUBLICATION_BOX, Rng, takeLabelled } = load('@rampart/core');
const { attacks } = load('@rampart/attacks');
const { datasets } = load('@rampart/datasets');
const { createModel, openClassifier, openVerifier } = load('@rampart/models');
const { trainClassifier } = load('@rampart/training');

const INSTANCES = 64;

export default async function bench() {
  const source = datasets.resolve({ name: 'mnist', params: { trainLimit: 3000 } });
  const { shape, box, train, test } = await source.definition.load(source.params, {});
  const rng = Rng.root(1);
  const { model } = await trainClassifier({
    engine: 'onnx',
    model: await createModel('lenet5', { shape, classes: 2, box: PUBLICATION_BOX, rng: rng.split('weights') }),
    data: train,
    classes: 2,
    epochs: 3,
    batchSize: 64,
    learningRate: 1e-3,
    weightDecay: 1e-3,
    rng: rng.split('train'),
  });
  const indices = [...test.labels.keys()].filter((index) => test.labels[index] === 0).slice(0, INSTANCES);
  const { images, labels } = takeLabelled(test, indices);
  const classifier = await openClassifier(model, { box });
  const verifier = await openVerifier(model, { box });
  const input = { classifier, verifier, images, labels, rng: Rng.root(1) };
  const attack = attacks.resolve({ name: 'cg', params: {} });
  const found = await evade({ ...input, attack });
  const literal = await literalDescent(classifier, images, labels, Rng.root(1));
  const same = literal.points.every((value, k) => value === found.adversarial.data[k]);
  console.log(`\nSame adversarial examples from both: ${same ? 'yes' : 'NO'}.`);
  const gradients = found.gradientEvaluations.reduce((a, b) => a + b, 0);
  console.log(
    `Model passes an instance: literal ${(literal.passes / INSTANCES).toFixed(0)} (half of them gradients), packed ${(gradients / INSTANCES).toFixed(0)} gradients.`,
  );
  await compare(
    'instances',
    [
      { name: 'literal', work: INSTANCES, run: () => literalDescent(classifier, images, labels, Rng.root(1)) },
      { name: 'cg', work: INSTANCES, run: () => evade({ ...input, attack }) },
    ],
    { rounds: 5 },
  );
}

/** Every instance takes one coordinate a round, all of them in one batch: the plain way to write the attack. */
async function literalDescent(classifier, images, labels, root) {
  const features = images.data.length / images.count;
  const points = images.data.slice();
  const rngs = Array.from({ length: images.count }, (_, i) => root.split(i));
  let active = Array.from({ length: images.count }, (_, i) => i);
  let passes = 0;
  const gather = (source) => {
    const batch = new Float32Array(active.length * features);
    active.forEach((i, slot) => batch.set(source.subarray(i * features, (i + 1) * features), slot * features));
    return batch;
  };
  while (active.length > 0) {
    const batch = gather(points);
    const aims = Int32Array.from(active, (i) => labels[i]);
    const { losses, gradient } = await classifier.lossGradient(batch, aims, 'margin');
    const open = active.filter((_, slot) => losses[slot] >= 0);
    const slots = active.map((_, slot) => slot).filter((slot) => losses[slot] >= 0);
    passes += active.length;
    active = open;
    if (active.length === 0) break;
    const candidates = gather(points);
    active.forEach((i, k) => {
      const coordinate = rngs[i].integer(features);
      const at = k * features + coordinate;
      const slope = gradient[slots[k] * features + coordinate];
      candidates[at] = Math.max(-0.5, Math.min(0.5, candidates[at] - Math.sign(slope)));
    });
    const logits = await classifier.logits(candidates);
    passes += active.length;
    active.forEach((i, k) => {
      const margin = logits[k * 2 + labels[i]] - logits[k * 2 + 1 - labels[i]];
      if (margin <= losses[slots[k]]) points.set(candidates.subarray(k * features, (k + 1) * features), i * features);
    });
  }
  return { points, passes };
}
