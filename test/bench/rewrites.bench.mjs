// What each rewrite of libs/onnx gains, and how far from the processor's peak the networks are: gradients of the sum of
// the logits on one thread, with respect to inputs, or to the weights as well where they change as in training, with a
// rewrite and without it, in turns. It is processor time that is compared. A newer
// ONNX Runtime is met by running this again: what no longer gains anything goes.
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';

import Table from 'cli-table3';

import { compareRates, median, processorTime } from './compare.mjs';
import { lenet5, lstm, resnet18, resnet50, resnetStem, vgg, vit } from './networks.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const onnx = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');
const { differentiate, GraphBuilder, inFastForm, probe, Session, withOutputs } = onnx;

const SUBJECTS = [
  { name: 'LeNet-5, maxima', model: () => lenet5('MaxPool'), dims: [1, 28, 28], batch: 64 },
  { name: 'LeNet-5, means', model: () => lenet5('AveragePool'), dims: [1, 28, 28], batch: 64 },
  {
    name: 'LeNet-5, means, in training',
    model: () => lenet5('AveragePool'),
    dims: [1, 28, 28],
    batch: 64,
    trains: true,
  },
  { name: 'VGG of 6 layers, 32 x 32', model: vgg, dims: [3, 32, 32], batch: 16, rounds: 5 },
  { name: "ResNet-50's stem", model: resnetStem, dims: [3, 112, 112], batch: 8, rounds: 5 },
  { name: 'ResNet-18, 32 x 32', model: resnet18, dims: [3, 32, 32], batch: 16, rounds: 5 },
  { name: 'ResNet-18, in training', model: resnet18, dims: [3, 32, 32], batch: 16, rounds: 5, trains: true },
  { name: 'ResNet-50, 224 x 224', model: resnet50, dims: [3, 224, 224], batch: 4, rounds: 3 },
  { name: 'ResNet-50, in training', model: resnet50, dims: [3, 224, 224], batch: 4, rounds: 3, trains: true },
  { name: 'ViT-Ti of 6 layers, 32 x 32', model: vit, dims: [3, 32, 32], batch: 16, rounds: 5 },
  { name: 'LSTM, 2 x 2 x 128, 50 steps', model: lstm, dims: [1, 50, 40], batch: 32, rounds: 5 },
];

/** Where each rewrite counts. */
const GAINS = {
  phases: ['LeNet-5, maxima', 'LeNet-5, means', 'LeNet-5, means, in training'],
  winograd: ['ResNet-18, 32 x 32', 'ResNet-18, in training', 'ResNet-50, 224 x 224'],
  pairs: ['VGG of 6 layers, 32 x 32'],
  thirds: ["ResNet-50's stem"],
  'mirrored-conv': ['VGG of 6 layers, 32 x 32', 'ResNet-18, 32 x 32'],
  'interleaved-channels': ['LeNet-5, means, in training', 'ResNet-18, in training', 'ResNet-50, in training'],
  'scanned-recurrence': ['LSTM, 2 x 2 x 128, 50 steps'],
};

export default async function bench() {
  console.log(`Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors.`);
  const peak = await peakRate();
  console.log(`Peak of one processor, by products of matrices of 1024 x 1024: ${(peak / 1e9).toFixed(0)} GFLOP/s.`);
  const shares = new Table({
    head: ['', 'batch', 'GFLOP a gradient', 'gradients/s', 'GFLOP/s', 'of the peak', 'opened in'],
    style: { head: [], border: [] },
  });
  const gains = new Table({
    head: ['rewrite', 'network', 'times as fast with it', 'min to max'],
    style: { head: [], border: [] },
  });
  for (const subject of SUBJECTS) {
    const rewrites = Object.keys(GAINS).filter((rewrite) => GAINS[rewrite].includes(subject.name));
    const start = performance.now();
    const fast = await side(subject, []);
    const seconds = (performance.now() - start) / 1000;
    const others = [];
    for (const rewrite of rewrites) others.push(await side(subject, [rewrite]));
    const { rates } = await compareRates([fast, ...others], { rounds: subject.rounds ?? 9, clock: processorTime });
    const rate = median(rates[0]);
    shares.push([
      subject.name,
      subject.batch,
      (fast.flops / subject.batch / 1e9).toFixed(4),
      rate.toFixed(1),
      ((rate * fast.flops) / subject.batch / 1e9).toFixed(0),
      `${Math.round((100 * rate * fast.flops) / subject.batch / peak)}%`,
      `${seconds.toFixed(1)} s`,
    ]);
    for (const [i, rewrite] of rewrites.entries()) {
      const ratios = rates[0].map((value, round) => value / rates[i + 1][round]);
      gains.push([
        rewrite,
        subject.name,
        median(ratios).toFixed(2),
        `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      ]);
    }
    for (const { session } of [fast, ...others]) await session.dispose();
  }
  console.log('\nMultiplications and additions of the direct form, so that fewer of them count as a higher rate:');
  console.log(`${shares}\n\n${gains}`);
}

/** The gradient of the sum of the logits, and what it takes. */
async function side({ model, dims, batch, trains = false }, without) {
  const plain = model();
  const types = await probe(plain);
  const form = inFastForm(plain, types, { without, weightsChange: trains });
  const weights = trains ? [...plain.graph.initializers].filter(([, { type }]) => type === 'float32') : [];
  const known = await probe(fed(form, weights), { feeds: Object.fromEntries(weights) });
  const [{ name: of }] = plain.graph.outputs;
  const names = weights.map(([name]) => name);
  const derived = differentiate(known.model, { of, wrt: ['input', ...names], types: known, without });
  const session = await Session.open(withOutputs(derived.model, [of, ...derived.gradients.values()]));
  const data = Float32Array.from({ length: batch * dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) / 2);
  const feeds = { input: { type: 'float32', dims: [batch, ...dims], data }, ...Object.fromEntries(weights) };
  // Long enough to be timed: processor time comes in steps.
  const start = processorTime();
  await session.run(feeds);
  await session.run(feeds);
  const runs = Math.max(1, Math.ceil(100 / (processorTime() - start)));
  return {
    name: without.join() || 'fast',
    session,
    work: runs * batch,
    flops: (trains ? 3 : 2) * flopsOf(plain, types, batch),
    async run() {
      for (let i = 0; i < runs; i++) await session.run(feeds);
    },
  };
}

/** The model with initializers as inputs. */
function fed(model, weights) {
  const initializers = new Map(model.graph.initializers);
  for (const [name] of weights) initializers.delete(name);
  const inputs = [...model.graph.inputs, ...weights.map(([name, { type, dims }]) => ({ name, type, dims }))];
  return { ...model, graph: { ...model.graph, inputs, initializers } };
}

/**
 * Floating-point operations of the products of a forward pass; the gradient by the input takes as many again, as each
 * product with weights has one product in its gradient, and so does the gradient by the weights.
 */
function flopsOf({ graph }, { values }, batch) {
  const sizeOf = (name) =>
    values
      .get(name)
      .dims.reduce((product, dim) => product * (typeof dim === 'number' ? dim : batchSize(dim, batch)), 1);
  let sum = 0;
  for (const { op, inputs, outputs } of graph.nodes) {
    if (op === 'Conv') {
      const [, channels, ...kernel] = values.get(inputs[1]).dims;
      sum += 2 * sizeOf(outputs[0]) * channels * kernel.reduce((a, b) => a * b, 1);
    } else if (op === 'MatMul') {
      sum += 2 * sizeOf(outputs[0]) * values.get(inputs[0]).dims.at(-1);
    } else if (op === 'LSTM') {
      const [time] = values.get(inputs[0]).dims;
      const [directions, gates, size] = values.get(inputs[1]).dims;
      sum += 2 * time * batch * directions * gates * (size + gates / 4);
    }
  }
  return sum;
}

/** A formula of the batch size, such as `4*batch`. */
const batchSize = (formula, batch) => (formula === 'batch' ? batch : Number(formula.split('*')[0]) * batch);

async function peakRate() {
  const size = 1024;
  const builder = new GraphBuilder();
  builder.input('x', 'float32', [size, size]);
  const data = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
  builder.output(builder.node('MatMul', ['x', builder.constant({ type: 'float32', dims: [size, size], data })]));
  const graph = builder.build('peak');
  const session = await Session.open({
    ...{ irVersion: 9, opsets: new Map([['', 18]]), producer: 'bench', metadata: new Map(), functions: [] },
    graph,
  });
  const times = [];
  for (let i = 0; i < 12; i++) {
    const start = processorTime();
    for (let run = 0; run < 4; run++) await session.run({ x: { type: 'float32', dims: [size, size], data } });
    times.push((processorTime() - start) / 4 / 1000);
  }
  await session.dispose();
  return (2 * size ** 3) / Math.min(...times);
}
