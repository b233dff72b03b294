// Steps of training a second, adversarial and not, beside PyTorch on the same two cores.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { compare } from './compare.mjs';
import { requirePython } from './libraries/python-side.mjs';
import { resnet18 } from './networks.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { PUBLICATION_BOX, Rng } = load('@rampart/core');
const { createModel } = load('@rampart/models');
const { readModel, writeModel } = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');
const { adam, oneHot, startTraining } = load('@rampart/training');

/**
 * Steps of training in a row, and of the inner attack in each, if there is one: a step of ResNet-18 takes seconds.
 * Batches of 128 against ten steps are what adversarial training of such networks is done with (Rice et al. 2020).
 */
const CASES = [
  { network: 'lenet5', batch: 128, inner: 0, steps: 50, rounds: 7, shape: [1, 28, 28] },
  { network: 'lenet5', batch: 128, inner: 7, steps: 10, rounds: 7, shape: [1, 28, 28] },
  { network: 'resnet18', batch: 16, inner: 3, steps: 1, rounds: 5, shape: [3, 32, 32] },
  { network: 'resnet18', batch: 128, inner: 10, steps: 1, rounds: 3, shape: [3, 32, 32] },
];

/** What a helper's thread runs. */
const HELPER = `
const { workerData: { core, training, job, board } } = require('node:worker_threads');
const { help } = require(core);
const { openTrainingPieces } = require(training);
void help(board, () => openTrainingPieces(job.data));
`;

/** A crew of one thread. */
const crew = {
  call(job, board) {
    const modules = { core: load.resolve('@rampart/core'), training: load.resolve('@rampart/training') };
    new Worker(HELPER, { eval: true, workerData: { ...modules, job, board } });
  },
};

export default async function bench() {
  const python = await requirePython('adversarial.py', 'torch');
  for (const { network, batch, inner, steps, rounds, shape } of CASES) {
    const session = await ours(network, inner);
    const views = given(batch, shape);
    const kind = inner === 0 ? 'Training' : `Adversarial training, ${inner} inner steps`;
    console.log(`\n${kind}, ${network}, batches of ${batch}, two threads:`);
    await compare(
      'steps',
      [
        {
          name: 'PyTorch',
          work: steps,
          async run() {
            await python.ask('train', { network, batch, inner, steps });
          },
        },
        {
          name: 'Rampart',
          work: steps,
          async run() {
            for (let step = 0; step < steps; step++) await session.step(views, batch);
          },
        },
      ],
      { rounds },
    );
    await session.dispose();
  }
  python.close();
}

async function ours(network, steps) {
  const rng = Rng.root(1);
  const shape = { channels: 1, height: 28, width: 28 };
  const model =
    network === 'resnet18'
      ? writeModel(resnet18())
      : await createModel(network, { shape, classes: 10, box: PUBLICATION_BOX, rng });
  const output = readModel(model).graph.outputs[0].name;
  const input = steps === 0 ? 'images' : 'adversarial';
  return startTraining('onnx', {
    model,
    objective: { terms: [{ loss: 'cross-entropy', input, output, target: 'labels' }] },
    ...(steps > 0 && {
      inner: {
        ...{ from: 'images', to: 'adversarial', output, against: { view: 'labels' }, box: PUBLICATION_BOX },
        ...{ norm: 'linf', epsilon: 0.1, steps, length: 0.25 / steps, start: 'uniform' },
      },
    }),
    ...{ rng: Rng.root(2), optimiser: adam(), crew },
  });
}

function given(batch, shape) {
  const rng = Rng.root(3);
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    images: { data: Float32Array.from({ length: batch * size }, () => rng.uniform() - 0.5), shape },
    labels: {
      data: oneHot(
        Array.from({ length: batch }, () => rng.integer(10)),
        10,
      ),
      shape: [10],
    },
  };
}
