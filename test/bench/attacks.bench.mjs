// What an attack's own work costs: 40 steps of an attack against 40 bare gradients of the same batches, one thread.
// Instances that no attack can decide are searched to the end, so that both sides do the same number of gradients.
// It is processor time that is compared, so that a busy machine does not disturb it.
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';

import Table from 'cli-table3';

import { compareRates, median, processorTime } from './compare.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { attacks } = load('@rampart/attacks');
const { evade, imageBatch, parseComponent, pixelBox, Rng } = load('@rampart/core');
const { createModel, openClassifier } = load('@rampart/models');

const BATCH = 256;
const STEPS = 40;
const ROUNDS = 7;
/** Times 40 bare gradients that 40 steps of PGD may cost on LeNet-5. */
const LIMIT = 1.25;

const box = pixelBox(0, 1);
const shape = { channels: 1, height: 28, width: 28 };

export default async function bench() {
  console.log(
    `${STEPS} steps on ${BATCH} instances, in gradients of the same batches. Median of the pairs, and their range.\n` +
      `Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors.`,
  );
  const rng = Rng.root(1);
  const model = await createModel('lenet5', { shape, classes: 10, box, rng });
  const classifier = await openClassifier(model, { box, batchSize: BATCH });
  const data = Float32Array.from({ length: BATCH * 784 }, () => rng.uniform());
  const images = imageBatch(data, shape, box);
  const logits = await classifier.logits(data);
  const labels = Int32Array.from({ length: BATCH }, (_, i) =>
    logits.subarray(i * 10, (i + 1) * 10).reduce((best, value, j, row) => (value > row[best] ? j : best), 0),
  );
  const bare = {
    name: 'bare gradients',
    work: STEPS * BATCH,
    async run() {
      for (let step = 0; step < STEPS; step++) await classifier.lossGradient(data, labels, 'cross-entropy');
    },
  };
  const table = new Table({
    head: ['', 'times bare gradients', 'min to max', 'limit'],
    style: { head: [], border: [] },
  });
  for (const [text, limit] of [
    [`pgd(epsilon=0.001, steps=${STEPS}, earlyStop=false)`, LIMIT],
    [`pgd(norm=l2, epsilon=0.01, steps=${STEPS}, earlyStop=false)`],
    [`pgd(norm=l1, epsilon=0.1, steps=${STEPS}, earlyStop=false)`],
    [`apgd(epsilon=0.001, steps=${STEPS}, earlyStop=false)`],
    [`fmn(norm=linf, steps=${STEPS})`],
    [`sigma-zero(steps=${STEPS})`],
    [`ddn(steps=${STEPS})`],
  ]) {
    const attack = attacks.resolve(parseComponent(text));
    const attacked = {
      name: text,
      work: STEPS * BATCH,
      run: () =>
        evade({ attack, classifier, verifier: classifier, images, labels, rng: Rng.root(1), batchSize: BATCH }),
    };
    const { ratios } = await compareRates([bare, attacked], { rounds: ROUNDS, clock: processorTime });
    const costs = ratios[1].map((ratio) => 1 / ratio);
    table.push([
      text,
      median(costs).toFixed(2),
      `${Math.min(...costs).toFixed(2)} to ${Math.max(...costs).toFixed(2)}`,
      limit === undefined ? '' : `${limit} ${median(costs) > limit ? 'exceeded' : 'kept'}`,
    ]);
  }
  console.log(table.toString());
  await classifier.dispose();
}
