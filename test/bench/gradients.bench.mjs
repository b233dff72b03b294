// What an input gradient costs beside a forward pass: for every network of test/fixtures and for Rampart's own LeNet-5,
// one run of the differentiated graph against one run of the file as it is, both in ONNX Runtime on one thread. It is
// processor time that is compared, so that a busy machine does not disturb it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';

import { compareRates, median, processorTime } from './compare.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { PUBLICATION_BOX, Rng } = load('@rampart/core');
const { createModel, prepareModel } = load('@rampart/models');
const { readModelFile, Session } = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');
const { lossGradientModel } = load(join(root, 'libs/models/dist/classifier/open-classifier.js'));

const BATCH = 64;
const ROUNDS = 15;
/** Milliseconds that one side of a pair takes. */
const SLICE = 12;
/** Forward passes that a gradient may cost. */
const LIMITS = { convolutional: 3, transformer: 3.5 };

export default async function bench() {
  console.log(
    `Batches of ${BATCH} (or the file's own), gradients of the cross-entropy. What a gradient costs in forward passes:\n` +
      'median of the pairs, their range, and the ratio of the fastest rounds, which a busy machine disturbs least.\n' +
      `Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors.`,
  );
  const table = new Table({
    head: ['', 'kind', 'batch', 'forward/s', 'gradients/s', 'cost', 'min to max', 'fastest', 'limit'],
    style: { head: [], border: [] },
  });
  const over = [];
  for (const subject of await subjects()) {
    const { name, kind, batch } = subject;
    const sides = await open(subject);
    const { rates, ratios } = await compareRates(sides, { rounds: ROUNDS, clock: processorTime });
    for (const { session } of sides) await session.dispose();
    const costs = ratios[1].map((ratio) => 1 / ratio);
    const cost = median(costs);
    const [forward, gradient] = rates.map((rate) => Math.max(...rate));
    const limit = LIMITS[kind];
    const beyond = limit !== undefined && cost > limit;
    if (beyond) over.push(name);
    table.push([
      ...[name, kind, batch],
      ...rates.map((rate) => Math.round(median(rate))),
      cost.toFixed(2),
      `${Math.min(...costs).toFixed(2)} to ${Math.max(...costs).toFixed(2)}`,
      (forward / gradient).toFixed(2),
      mark(limit, beyond),
    ]);
  }
  console.log(table.toString());
  console.log(over.length === 0 ? 'All within their limits.' : `Beyond their limits: ${over.join(', ')}.`);
}

const mark = (limit, beyond) => (limit === undefined ? '' : `${limit.toFixed(1)} ${beyond ? 'exceeded' : 'kept'}`);

/** The newest export of every network that has a gradient, and Rampart's own LeNet-5. */
async function subjects() {
  const folder = join(root, 'test/fixtures');
  const { fixtures } = JSON.parse(readFileSync(join(folder, 'fixtures.json'), 'utf8'));
  const newest = new Map();
  for (const fixture of fixtures) {
    if (!fixture.gradient || fixture.operators.includes('Loop')) continue;
    if (fixture.opset >= (newest.get(fixture.reference)?.opset ?? 0)) newest.set(fixture.reference, fixture);
  }
  const files = [...newest.values()].map(({ name, operators, layout, batch, shape }) => ({
    name,
    kind: kindOf(name, operators),
    batch: batch ?? BATCH,
    shape,
    options: layout === 'features' ? {} : { preprocess: { layout } },
    model: () => readModelFile(join(folder, 'models', `${name}.onnx`)),
  }));
  const image = { channels: 1, height: 28, width: 28 };
  const own = ['average', 'max'].map((pool) => ({
    name: `lenet5(pool=${pool}), Rampart's own`,
    kind: 'convolutional',
    batch: BATCH,
    shape: [1, 28, 28],
    options: {},
    model: () =>
      createModel(`lenet5(pool=${pool})`, { shape: image, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(1) }),
  }));
  return [...own, ...files];
}

/** Fixtures that are lists of operators behind a convolution rather than networks. */
const LISTS =
  /^(activations|arithmetic|hyperbolic|normalisations|poolings|rarer-operators|rearrangements|flattening-softmax)/;

function kindOf(name, operators) {
  if (LISTS.test(name)) return 'operators';
  if (/transformer|encoder-layer/.test(name)) return 'transformer';
  if (/lstm|gru|elman/.test(name)) return 'recurrent';
  return operators.includes('Conv') ? 'convolutional' : 'other';
}

/** Both sides of a pair: the file, and what is derived from it. */
async function open({ batch, shape, options, model }) {
  const file = await model();
  const prepared = await prepareModel(file, options);
  const { model: derived, mask } = await lossGradientModel(prepared, 'cross-entropy');
  const rng = Rng.root(1);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: batch * size }, () => rng.uniform() - 0.5);
  const { classes } = prepared;
  const labels = Uint8Array.from({ length: batch * classes }, (_, i) =>
    Number(i % classes === Math.floor(i / classes) % classes),
  );
  const forward = await Session.open(file);
  const gradient = await Session.open(derived);
  const { channels, height, width } = prepared.shape;
  return [
    await side('forward', forward, batch, {
      [forward.inputs[0].name]: { type: 'float32', dims: [batch, ...shape], data },
    }),
    await side('gradient', gradient, batch, {
      [prepared.input]: { type: 'float32', dims: [batch, channels, height, width], data },
      [mask]: { type: 'bool', dims: [batch, classes], data: labels },
    }),
  ];
}

/** Runs as often as fill the slice. */
async function side(name, session, batch, feeds) {
  for (let run = 0; run < 3; run++) await session.run(feeds);
  const start = processorTime();
  for (let run = 0; run < 5; run++) await session.run(feeds);
  const runs = Math.max(1, Math.round((5 * SLICE) / (processorTime() - start)));
  return {
    name,
    session,
    work: runs * batch,
    async run() {
      for (let i = 0; i < runs; i++) await session.run(feeds);
    },
  };
}
