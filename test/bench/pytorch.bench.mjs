// Input gradients a second beside PyTorch on the same two processors: here two threads with a session each, as an
// experiment has workers; there two threads of one process, eagerly, with channels last, and compiled. Both have the same
// network, which PyTorch writes as an ONNX file, and the same images, whose gradients are compared first.
// `npm run bench pytorch` needs torch, onnx and onnxscript: RAMPART_BENCH_PYTHON says which Python has them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import Table from 'cli-table3';

import { compareRates, median } from './compare.mjs';
import { requirePython } from './libraries/python-side.mjs';
import { RampartSide } from './libraries/rampart-side.mjs';

const THREADS = 2;
const WAYS = ['eager', 'channels last', 'compiled'];
const CASES = [
  { name: 'lenet5', batches: [32, 128], ways: WAYS },
  { name: 'resnet18', batches: [32, 128], ways: WAYS },
  { name: 'vit', batches: [32, 128], ways: WAYS },
  { name: 'resnet50', batches: [32], ways: WAYS },
  { name: 'lstm', batches: [32, 128], ways: ['eager'] },
];
const ROUNDS = 5;
/** Seconds that one side takes in a round at least. */
const SLICE = 0.5;
/** How far the gradients may lie apart, in parts of their length: near the kink of a Relu each library takes its own side. */
const TOLERANCE = 1e-2;

export default async function bench() {
  console.log(`Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors.`);
  const table = new Table({
    head: [
      'network',
      'batch',
      'gradients/s here',
      ...WAYS.map((way) => `PyTorch, ${way}`),
      'times its best',
      'min to max',
    ],
    style: { head: [], border: [] },
  });
  const python = await requirePython('gradients.py', 'torch, onnx and onnxscript');
  const rampart = new RampartSide(THREADS);
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  try {
    for (const { name, batches, ways } of CASES) {
      for (const batch of batches) {
        const row = await compared(name, batch, ways, { python, rampart, folder });
        table.push([name, batch, ...row]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
    await rampart.close();
    python.close();
  }
  console.log(table.toString());
}

async function compared(name, batch, ways, { python, rampart, folder }) {
  await python.ask('open', { name, batch, folder });
  const data = floats(join(folder, 'images.f32'));
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  await rampart.open(name, { bytes: readFileSync(join(folder, 'network.onnx')), data, labels });
  checkAlike(
    name,
    await rampart.gradients(name, { count: batch, times: 1, threads: THREADS }),
    floats(join(folder, 'gradients.f32')),
  );
  for (const way of ways) await python.ask('prepare', { way });
  const sides = [
    (times) => rampart.gradients(name, { count: batch, times, threads: THREADS }),
    ...ways.map((way) => (times) => python.ask('gradients', { way, times })),
  ];
  const tasks = [];
  for (const side of sides) {
    const start = performance.now();
    await side(1);
    const times = Math.max(1, Math.ceil((1000 * SLICE) / (performance.now() - start)));
    tasks.push({ work: times * batch, run: () => side(times) });
  }
  const { rates } = await compareRates(tasks, { rounds: ROUNDS });
  const [ours, ...theirs] = rates.map(median);
  const best = 1 + theirs.indexOf(Math.max(...theirs));
  const ratios = rates[0].map((rate, round) => rate / rates[best][round]);
  return [
    ...[ours, ...WAYS.map((way) => theirs[ways.indexOf(way)])].map((rate) => rate?.toFixed(rate < 100 ? 1 : 0) ?? ''),
    median(ratios).toFixed(2),
    `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
  ];
}

const length = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function checkAlike(name, ours, theirs) {
  const apart = length(ours.map((value, k) => value - theirs[k]));
  if (ours.length === theirs.length && apart <= TOLERANCE * length(theirs)) return;
  throw new Error(
    `PyTorch and Rampart disagree on ${name}: gradients lie ${apart} apart, their length is ${length(theirs)}.`,
  );
}

function floats(file) {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4).slice();
}
