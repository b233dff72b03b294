// Whether a device (a GPU) gives a model's logits and gradients as the CPU does, and how fast. To be run by hand on a
// machine with a GPU, after "npm run build":
//
//   node test/device/webgpu-check.mjs [options] MODEL.onnx ...
//
//   --device webgpu|cuda    the device (webgpu)
//   --batches 32,256        batch sizes to time (1,32,128,512)
//   --losses margin,dlr     losses to compare (cross-entropy,margin,dlr); the first one is timed
//   --images FILE.npy       float32 [count, channels, height, width] from 0 to 1 (random ones)
//   --seconds 2             how long one rate is measured (2)
//   --threads 8             processor threads of the faster of the two rates on the CPU (all)
//   --rates no              compares only
//   --layout nhwc           compares convolutions in the layout that Rampart does not use: see docs/performance.md
//
// Without files: the models of test/reference. It needs no network. Exit code 1 where the device gives other values than
// the CPU and no nodes at fault were found, so that the whole model would run on the CPU.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const load = createRequire(join(root, 'libs/models/package.json'));
const { decodeNpy, Rng } = load('@rampart/core');
const { CheckedSession, differences, float32Tensor, runtimeVersion, Session, tensor, writeModel } =
  load('@rampart/onnx');
const { lossGradientModel } = load('./dist/classifier/open-classifier.js');
const { prepareModel } = load('./dist/classifier/prepare.js');
const ort = createRequire(join(root, 'libs/onnx/package.json'))('onnxruntime-node');

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'webgpu' },
    batches: { type: 'string', default: '1,32,128,512' },
    losses: { type: 'string', default: 'cross-entropy,margin,dlr' },
    images: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    threads: { type: 'string', default: String(availableParallelism()) },
    rates: { type: 'string', default: 'yes' },
    layout: { type: 'string', default: 'nchw' },
  },
});
const { device } = options;
const batches = options.batches.split(',').map(Number);
const losses = options.losses.split(',');
const threads = Number(options.threads);
const box = { min: 0, max: 1 };
const rng = Rng.root('device check');

console.log(
  `ONNX Runtime ${runtimeVersion()}, Node ${process.version}, ${threads} of ${cpus().length} x ${cpus()[0].model}`,
);
const given = options.images && decodeNpy(readFileSync(options.images));
const files =
  positionals.length > 0
    ? positionals
    : ['mnist-lenet', 'mnist-at', 'cifar2-at'].map((name) => join(root, `test/reference/${name}.onnx`));
try {
  for (const file of files) await checkFile(file);
} catch (error) {
  console.error(error.name === 'RampartError' ? error.message : error);
  process.exitCode = 1;
}

async function checkFile(file) {
  console.log(`\n${basename(file)}`);
  const prepared = await prepareModel(readFileSync(file), { box });
  for (const [turn, loss] of losses.entries()) {
    const derived = await lossGradientModel(prepared, loss, { exact: true });
    await compareWithCpu(prepared, loss, derived);
    if (turn === 0 && options.rates !== 'no') await measure(prepared, derived);
  }
}

/** Prints how far the device's logits, losses and gradients are from the CPU's, batch by batch. */
async function compareWithCpu(prepared, loss, derived) {
  const checked = { device, kinked: [derived.model.graph.outputs[2].name] };
  const session = await CheckedSession.open(derived.model, checked, ...(options.layout === 'nhwc' ? [openNhwc] : []));
  const outputs = derived.model.graph.outputs.map(({ name }) => name);
  for (const batch of sizes(prepared)) await session.run(feedsOf(prepared, derived, batch), outputs);
  const { differences: found, wrong, onCpu, refused } = session.check();
  const show = (values) =>
    ['logits', 'losses', 'gradient'].map((role, i) => `${role} ${values[outputs[i]]?.toExponential(1)}`).join(', ');
  if (wrong) console.log(`  ${loss}: WRONG on the device: ${show(wrong)} of the largest`);
  if (onCpu === 'all') {
    console.log(`  ${loss}: all of it must run on the CPU${refused ? `: ${refused}` : ''}`);
    process.exitCode = 1;
  } else {
    const kept =
      onCpu.length > 0 ? `, with ${onCpu.map(({ name, op }) => `${op} "${name}"`).join(', ')} on the CPU` : '';
    console.log(`  ${loss}: agrees with the CPU: ${show(found)} of the largest${kept}`);
  }
  await session.dispose();
}

/** Prints input gradients a second. */
async function measure(prepared, derived) {
  const outputs = derived.model.graph.outputs.map(({ name }) => name);
  const kinked = [outputs[2]];
  const ways = [
    ['CPU, one thread', () => Session.open(derived.model)],
    [`CPU, ${threads} threads`, () => Session.open(derived.model, { threads })],
    [device, () => CheckedSession.open(derived.model, { device, kinked })],
    ...(device === 'webgpu' ? [['webgpu, NHWC', () => openNhwc(derived.model)]] : []),
  ];
  const reference = await Session.open(derived.model);
  for (const [name, open] of ways) {
    const session = await open();
    const rates = [];
    for (const batch of sizes(prepared)) {
      const feeds = feedsOf(prepared, derived, batch);
      const answers = await session.run(feeds, outputs);
      const far = Object.values(differences(await reference.run(feeds, outputs), answers, kinked));
      const right = Math.max(...far) <= 1e-3 ? '' : ' (WRONG)';
      rates.push(`${batch}: ${(batch * (await perSecond(() => session.run(feeds, outputs)))).toFixed(0)}${right}`);
    }
    console.log(`  gradients/s, ${name.padEnd(16)} ${rates.join('   ')}`);
    await session.dispose();
  }
  await reference.dispose();
}

/** A session with the device's convolutions in its other layout, which Rampart does not use. */
async function openNhwc(model, { onCpu = [] } = {}) {
  const session = await ort.InferenceSession.create(writeModel(model), {
    executionProviders: [
      { name: 'webgpu', preferredLayout: 'NHWC', ...(onCpu.length > 0 && { forceCpuNodeNames: onCpu }) },
    ],
    logSeverityLevel: 4,
  });
  return {
    run: (feeds, outputs) =>
      session.run(
        Object.fromEntries(
          Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)]),
        ),
        outputs,
      ),
    dispose: () => session.release(),
  };
}

async function perSecond(run) {
  await run();
  const start = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - start < 1000 * Number(options.seconds));
  return (1000 * runs) / (performance.now() - start);
}

function sizes({ batch }) {
  return batch === undefined ? batches : [batch];
}

/** Images, and the masks of their labels. */
function feedsOf({ input, shape: { channels, height, width }, classes }, { mask, rivalMask }, batch) {
  const size = channels * height * width;
  const fits = given && given.data.length / given.shape[0] === size;
  const data = Float32Array.from({ length: batch * size }, (_, i) =>
    fits ? given.data[i % given.data.length] : rng.uniform(),
  );
  const hot = (shift) => {
    const rows = new Uint8Array(batch * classes);
    for (let row = 0; row < batch; row++) rows[row * classes + ((row + shift) % classes)] = 1;
    return tensor('bool', [batch, classes], rows);
  };
  return {
    [input]: float32Tensor([batch, channels, height, width], data),
    [mask]: hot(0),
    ...(rivalMask !== undefined && { [rivalMask]: hot(1) }),
  };
}
