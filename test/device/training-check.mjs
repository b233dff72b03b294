// Whether training on a device (a GPU) goes as on the CPU, and how fast. To be run by hand on a machine with a GPU, after
// "npm run build":
//
//   node test/device/training-check.mjs [options]
//
//   --device webgpu|cuda    the device (webgpu)
//   --cases lenet5,...      of lenet5 (one epoch on images), lenet5-at and resnet18-at (steps against PGD), and trades (a
//                           file whose batch normalisation is trained, by TRADES); all
//   --model FILE.onnx       of ten classes, for trades (the fixture residual-unfolded)
//   --images FILE.npy       [count, 1, 28, 28], float32 from 0 to 1 or bytes, with --labels FILE.npy (those of test/reference)
//   --epochs 1              how often they are gone through
//   --steps 5               timed steps of a case with an inner attack, after a first one
//   --rows 16               rows of a batch of ResNet-18 (64)
//   --threads 16            processor threads of the faster of the two rates on the CPU (all)
//
// Prints steps a second, the loss of each step, and what was compared: the largest differences of each session's outputs,
// as parts of their largest values. It needs no network.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const load = createRequire(join(root, 'libs/training/package.json'));
const { decodeNpy, DeviceLog, PUBLICATION_BOX, Rng } = load('@rampart/core');
const { createModel } = load('@rampart/models');
const { readModel, runtimeVersion, writeModel } = load('@rampart/onnx');
const { adam, oneHot, sgd, startTraining } = createRequire(join(root, 'libs/defenses/package.json'))(
  '@rampart/training',
);

const { values: options } = parseArgs({
  options: {
    device: { type: 'string', default: 'webgpu' },
    cases: { type: 'string', default: 'lenet5,lenet5-at,resnet18-at,trades' },
    model: {
      type: 'string',
      default: join(root, 'test/fixtures/models/residual-unfolded-torchscript-opset15.onnx'),
    },
    images: { type: 'string', default: join(root, 'test/reference/mnist-images.npy') },
    labels: { type: 'string', default: join(root, 'test/reference/mnist-labels.npy') },
    epochs: { type: 'string', default: '1' },
    steps: { type: 'string', default: '5' },
    rows: { type: 'string', default: '64' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const threads = Number(options.threads);
const CLASSES = 10;
const MNIST = { channels: 1, height: 28, width: 28 };

console.log(
  `ONNX Runtime ${runtimeVersion()}, Node ${process.version}, ${threads} of ${cpus().length} x ${cpus()[0].model}`,
);
const CASES = {
  lenet5: async () => ({ model: await lenet5(), ...mnist(128), attack: 0 }),
  'lenet5-at': async () => ({ model: await lenet5(), ...mnist(128, Number(options.steps) + 1), attack: 7 }),
  'resnet18-at': async () => {
    const { resnet18 } = await import('../bench/networks.mjs');
    const rows = Number(options.rows);
    return { model: writeModel(resnet18()), ...noise([3, 32, 32], rows, Number(options.steps) + 1), attack: 3 };
  },
  trades: async () => {
    const model = readFileSync(options.model);
    const [, ...shape] = readModel(model).graph.inputs[0].dims;
    return { model, ...noise(shape, 15, Number(options.steps) + 1), attack: 2, trades: true };
  },
};
for (const name of options.cases.split(',')) {
  const given = await CASES[name]();
  console.log(`\n${name}: batches of ${given.rows}, ${given.attack} inner steps`);
  const losses = [];
  losses.push(await train('CPU, 1 thread', given, {}));
  if (threads > 1) await train(`CPU, ${threads} threads`, given, { threads });
  const device = new DeviceLog(options.device);
  losses.push(await train(options.device, given, { device }));
  const far = Math.max(...losses[0].map((loss, step) => Math.abs(loss - losses[1][step])));
  console.log(`  losses: ${losses[0][0].toFixed(5)} to ${losses[0].at(-1).toFixed(5)} on the CPU,`);
  console.log(
    `    ${losses[1][0].toFixed(5)} to ${losses[1].at(-1).toFixed(5)} on ${options.device}; farthest ${far.toExponential(1)}`,
  );
  for (const { computes, compared, differences, wrong, onCpu, refused } of device.uses()) {
    const show = (values) =>
      Object.entries(values)
        .map(([what, value]) => `${what} ${value.toExponential(1)}`)
        .join(', ');
    const kept = onCpu === 'all' ? 'ALL' : onCpu.map(({ op, name }) => `${op} "${name}"`).join(', ') || 'nothing';
    console.log(`  ${computes}: ${compared} rows compared: ${show(differences)}; on the CPU: ${kept}`);
    if (wrong) console.log(`    WRONG on the device alone: ${show(wrong)}`);
    if (refused) console.log(`    refused: ${refused}`);
  }
}

/** Takes every batch once, and prints steps a second; the first, which may be compared, is left out. */
async function train(name, { model, batches, rows, attack, shape, trades }, how) {
  const output = readModel(model).graph.outputs[0].name;
  const made = { from: 'images', to: 'adversarial', output, box: PUBLICATION_BOX };
  const plain = { loss: 'cross-entropy', input: 'images', output, target: 'labels' };
  const divergence = { loss: 'kl', input: 'adversarial', output, target: { answerTo: 'images' }, weight: 6 };
  // From the original, or near to it with the same random numbers, so that all make the same examples but for rounding:
  // batches of TRADES are so small that the CPU does not split them either.
  const inner = trades
    ? { against: 'own', norm: 'l2', epsilon: 1, steps: attack, length: 1, start: { deviation: 0.001 } }
    : {
        against: { view: 'labels' },
        norm: 'linf',
        epsilon: 0.1,
        steps: attack,
        length: 0.25 / attack,
        start: 'original',
      };
  const session = await startTraining('onnx', {
    model,
    objective: {
      terms: trades ? [plain, divergence] : [{ ...plain, input: attack > 0 ? 'adversarial' : 'images' }],
    },
    inner: attack > 0 ? { ...made, ...inner } : undefined,
    batchStatistics: trades,
    ...{ rng: Rng.root(2), optimiser: trades ? sgd(0.005) : adam(), ...how },
  });
  const losses = [];
  const opened = performance.now();
  let start = opened;
  for (const { images, labels } of batches) {
    losses.push(await session.step({ images: { data: images, shape }, labels }, rows));
    if (losses.length === 1) start = performance.now();
  }
  const rate = (1000 * (losses.length - 1)) / (performance.now() - start);
  const first = ((start - opened) / 1000).toFixed(2);
  console.log(`  ${name.padEnd(16)} ${rate.toFixed(2)} steps/s (the first took ${first} s)`);
  await session.dispose();
  return losses;
}

function lenet5() {
  return createModel('lenet5', { shape: MNIST, classes: CLASSES, box: PUBLICATION_BOX, rng: Rng.root(1) });
}

function mnist(rows, most = Infinity) {
  const {
    data,
    shape: [count],
  } = decodeNpy(readFileSync(options.images));
  const { data: labels } = decodeNpy(readFileSync(options.labels));
  const size = data.length / count;
  const largest = data instanceof Uint8Array ? 255 : 1;
  const all = Math.min(most, Math.floor((Number(options.epochs) * count) / rows));
  const order = Rng.root(3).permutation(count);
  const batches = Array.from({ length: all }, (_, step) => {
    const images = new Float32Array(rows * size);
    const classes = Int32Array.from({ length: rows }, (_, i) => {
      const at = order[(step * rows + i) % count];
      for (let k = 0; k < size; k++) images[i * size + k] = data[at * size + k] / largest - 0.5;
      return Number(labels[at]);
    });
    return { images, labels: { data: oneHot(classes, CLASSES), shape: [CLASSES] } };
  });
  return { batches, rows, shape: [1, 28, 28] };
}

function noise(shape, rows, count) {
  const rng = Rng.root(4);
  const size = shape.reduce((product, one) => product * one, 1);
  const batches = Array.from({ length: count }, () => ({
    images: Float32Array.from({ length: rows * size }, () => rng.uniform() - 0.5),
    labels: {
      data: oneHot(
        Int32Array.from({ length: rows }, () => rng.integer(CLASSES)),
        CLASSES,
      ),
      shape: [CLASSES],
    },
  }));
  return { batches, rows, shape };
}
