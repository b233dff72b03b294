import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { type Crew, PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';

import { classification, oneHot } from '../objective';
import { adam } from '../optimiser';
import { onnxEngine } from './engine';
import { bounds, shardCount, sliceCount } from './shards';

const ROWS = 50;
const STEPS = 30;
const rng = Rng.root('shards');
const images = Float32Array.from({ length: ROWS * 784 }, () => rng.uniform() - 0.5);
const labels = Int32Array.from({ length: ROWS }, () => rng.integer(2));

/** Helpers that have all opened their work when the first round begins. */
function startCrew(helpers: number) {
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const ends: Promise<unknown>[] = [];
  const crew: Crew = {
    call({ data }, board) {
      for (let i = 0; i < helpers; i++) {
        const worker = new Worker(path.join(__dirname, 'training-helper.process.ts'), {
          workerData: { data, board, counts },
          execArgv: ['--conditions=@rampart/source', '--require=@swc-node/register'],
        });
        ends.push(new Promise((done, fail) => worker.once('exit', done).once('error', fail)));
      }
      for (let ready = 0; ready < helpers; ready = Atomics.load(counts, 0)) Atomics.wait(counts, 0, ready, 1000);
    },
  };
  return { crew, counts, ended: () => Promise.all(ends) };
}

/** The losses and the file of a LeNet-5 that a number of threads has trained, in batches of two sizes. */
async function trained(threads: number) {
  const shape = { channels: 1, height: 28, width: 28 };
  const model = await createModel('lenet5', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root('weights') });
  const { crew, counts, ended } = startCrew(threads - 1);
  const objective = classification({ weightDecay: 0.001 });
  const session = await onnxEngine.start({ model, objective, optimiser: adam(), ...(threads > 1 && { crew }) });
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    // The last batch of an epoch is smaller: three rows are fewer than there are shards.
    const rows = step % 5 === 4 ? 3 : ROWS;
    const views = {
      images: { data: images.subarray(0, rows * 784), shape: [1, 28, 28] },
      labels: { data: oneHot(labels.subarray(0, rows), 2), shape: [2] },
    };
    losses.push(await session.step(views, rows));
  }
  const file = await session.model();
  await session.dispose();
  await ended();
  return { losses, file: Buffer.from(file), helped: counts[1]! };
}

it('gives the same bytes for one thread, two and three', async () => {
  const one = await trained(1);
  expect(one.losses.at(-2)!).toBeLessThan(one.losses[0]!);
  for (const threads of [2, 3]) {
    const more = await trained(threads);
    expect(more.helped).toBeGreaterThan(0);
    expect(more.losses).toEqual(one.losses);
    expect(more.file.equals(one.file)).toBe(true);
  }
});

/** A LeNet-5 that learns from examples made at every step, its weights perturbed and averaged. */
async function trainedAgainst(threads: number) {
  const shape = { channels: 1, height: 28, width: 28 };
  const model = await createModel('lenet5', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root('weights') });
  const { crew, counts, ended } = startCrew(threads - 1);
  const session = await onnxEngine.start({
    model,
    objective: {
      terms: [
        { loss: 'cross-entropy', input: 'images', output: 'logits', target: 'labels' },
        { loss: 'kl', input: 'adversarial', output: 'logits', target: { answerTo: 'images' }, weight: 6 },
      ],
    },
    inner: {
      ...{ from: 'images', to: 'adversarial', output: 'logits', against: 'own', box: PUBLICATION_BOX },
      ...{ norm: 'linf', epsilon: 0.1, steps: 2, length: 0.1, start: 'uniform' },
    },
    ...{ rng: Rng.root('starts'), perturbation: 0.01, optimiser: adam(), ...(threads > 1 && { crew }) },
  });
  for (let step = 0; step < 4; step++) {
    const views = {
      images: { data: images, shape: [1, 28, 28] },
      labels: { data: oneHot(labels, 2), shape: [2] },
    };
    await session.step(views, ROWS);
    session.average(0.5);
  }
  const files = [await session.model(), await session.model(true)].map((file) => Buffer.from(file));
  await session.dispose();
  await ended();
  return { files, helped: counts[1]! };
}

it('gives the same bytes where examples are made at every step, for one thread and two', async () => {
  const [one, two] = [await trainedAgainst(1), await trainedAgainst(2)];
  expect(two.helped).toBeGreaterThan(0);
  expect(two.files.map((file, i) => file.equals(one.files[i]!))).toEqual([true, true]);
  expect(one.files[0]!.equals(one.files[1]!)).toBe(false);
});

it('splits a batch where its parts compute more than they read and write', () => {
  // LeNet-5, an autoencoder of dense layers, a ResNet-18 for CIFAR-10.
  expect(shardCount(64, 13_000, 44_000)).toBe(4);
  expect(shardCount(64, 4_400, 468_000)).toBe(2);
  expect(shardCount(128, 1_500_000, 11_000_000)).toBe(4);
  expect(shardCount(16, 1_500_000, 11_000_000)).toBe(2);
  expect(shardCount(64, 2_000, 5_000_000)).toBe(1);
  expect(shardCount(1, 13_000, 44_000)).toBe(1);
});

it('leaves nothing out and takes nothing twice', () => {
  expect(bounds(50, 4)).toEqual([0, 12, 25, 37, 50]);
  expect(bounds(3, 4)).toEqual([0, 0, 1, 2, 3]);
  expect([1, 32_768, 32_769, 10_000_000].map(sliceCount)).toEqual([1, 1, 2, 4]);
});
