// Training with one thread and with two, in turn: what the second one brings, on this machine.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { compare } from './compare.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { PUBLICATION_BOX, Rng } = load('@rampart/core');
const { createModel } = load('@rampart/models');
const { adam, classification, oneHot, startTraining } = load('@rampart/training');

const BATCH = 64;
const STEPS = 60;
const SHAPE = { channels: 1, height: 28, width: 28 };

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

const CASES = [
  {
    name: 'lenet5',
    objective: classification({ weightDecay: 0.001 }),
    classes: 2,
    target: ['labels', [2]],
  },
  {
    name: 'autoencoder',
    objective: { terms: [{ loss: 'mse', input: 'images', output: 'reconstruction', target: 'originals' }] },
    classes: 784,
    target: ['originals', [1, 28, 28]],
  },
];

export default async function bench() {
  const rng = Rng.root(1);
  const images = Float32Array.from({ length: BATCH * 784 }, () => rng.uniform() - 0.5);
  const labels = Int32Array.from({ length: BATCH }, () => rng.integer(2));
  for (const { name, objective, classes, target } of CASES) {
    const box = PUBLICATION_BOX;
    const model = await createModel({ name, params: {} }, { shape: SHAPE, classes, box, rng: rng.split(name) });
    const views = {
      images: { data: images, shape: [1, 28, 28] },
      [target[0]]: { data: target[0] === 'labels' ? oneHot(labels, 2) : images, shape: target[1] },
    };
    const sessions = [];
    for (const threads of [1, 2]) {
      const session = await startTraining('onnx', {
        ...{ model, objective, optimiser: adam() },
        ...(threads > 1 && { crew }),
      });
      sessions.push({
        name: threads === 1 ? 'one thread' : 'two threads',
        work: BATCH * STEPS,
        session,
        async run() {
          for (let step = 0; step < STEPS; step++) await session.step(views, BATCH);
        },
      });
    }
    console.log(`\nTraining, ${name}, batches of ${BATCH}:`);
    await compare('samples', sessions);
    for (const { session } of sessions) await session.dispose();
  }
}
