import { Rng } from '@rampart/core';

import { checkEngine, describeEngine, type EngineTask, type EngineUnderTest, type EngineViews } from './check-engine';

/** Mean squared error of a linear model, by gradient descent: an engine short enough to be right at sight. */
type Fault = 'idle' | 'sum' | 'writes' | 'shares' | 'restarts' | 'rate' | 'renames' | 'diverges' | 'drifts' | 'ascends';

const FEATURES = 3;
const COUNT = 6;

/** Weights that two sessions of a faulty engine share. */
const shared = new Float32Array(FEATURES);

function linearEngine(fault?: Fault, name = 'linear'): EngineUnderTest<undefined, number> {
  return {
    name,
    async start({ model, optimiser: learningRate }) {
      const initial = readWeights(model);
      const own = initial.slice();
      const weights = fault === 'shares' ? shared : own;
      if (fault === 'shares') weights.set(initial);
      let steps = 0;
      return {
        async step(views, count, rate = 1) {
          const { loss, gradient } = lossOf(weights, views, count);
          const sign = fault === 'ascends' ? 1 : -1;
          const scale = learningRate * (fault === 'rate' ? 1 : rate) * (fault === 'drifts' ? 1.2 : 1);
          steps++;
          if (fault !== 'idle') gradient.forEach((slope, k) => (weights[k]! += sign * scale * slope));
          if (fault === 'diverges' && steps > 3) weights.fill(NaN);
          if (fault === 'writes') views['x']!.data[0]! += 1e-3;
          return fault === 'sum' ? loss * count : loss;
        },
        async model() {
          const file = writeWeights(weights, fault === 'renames' ? 'other' : 'w');
          if (fault === 'restarts') weights.set(initial);
          return file;
        },
        async dispose() {},
      };
    },
  };
}

function lossOf(weights: Float32Array, views: EngineViews, count: number) {
  const gradient = new Float64Array(FEATURES);
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const row = views['x']!.data.subarray(i * FEATURES, (i + 1) * FEATURES);
    const residual = row.reduce((sum, x, k) => sum + x * weights[k]!, 0) - views['y']!.data[i]!;
    loss += residual ** 2 / count;
    row.forEach((x, k) => (gradient[k]! += (2 * residual * x) / count));
  }
  return { loss, gradient };
}

function writeWeights(weights: Float32Array, name = 'w'): Uint8Array {
  return Buffer.from(JSON.stringify({ [name]: Array.from(weights) }));
}

function weightsOf(file: Uint8Array): Map<string, Float32Array> {
  const content = JSON.parse(Buffer.from(file).toString()) as Record<string, number[]>;
  return new Map(Object.entries(content).map(([name, values]) => [name, Float32Array.from(values, (v) => v ?? NaN)]));
}

function readWeights(file: Uint8Array): Float32Array {
  return weightsOf(file).get('w')!;
}

function task(): EngineTask<undefined, number> {
  const rng = Rng.root('regression');
  const draw = (length: number) => Float32Array.from({ length }, () => rng.normal());
  return {
    name: 'regression',
    model: async () => writeWeights(draw(FEATURES)),
    objective: undefined,
    optimiser: 0.05,
    views: { x: { data: draw(COUNT * FEATURES), shape: [FEATURES] }, y: { data: draw(COUNT), shape: [1] } },
    count: COUNT,
  };
}

describeEngine(linearEngine(), {
  tasks: [task()],
  weights: weightsOf,
  reference: linearEngine(undefined, 'reference'),
});

describe('checkEngine finds', () => {
  const faults: readonly [string, Fault, string][] = [
    ['an engine that does not train', 'idle', 'trains: the loss falls and weights change'],
    ['one that goes up', 'ascends', 'trains: the loss falls and weights change'],
    ['one that reports a sum', 'sum', 'reports the mean loss before the step'],
    ['one that writes into its views', 'writes', 'leaves its inputs alone'],
    ['sessions that share their weights', 'shares', 'gives the same bytes twice, whatever else trains meanwhile'],
    [
      'one that starts anew once it is asked for the model',
      'restarts',
      'hands out the model at any time without being disturbed',
    ],
    ['one that ignores the rate', 'rate', 'takes steps in proportion to the rate'],
    ['one that renames weights', 'renames', 'keeps the names and sizes of all weights, and keeps them finite'],
    ['one that ends in NaN', 'diverges', 'keeps the names and sizes of all weights, and keeps them finite'],
    ['one that computes something else', 'drifts', 'reaches the weights of engine reference'],
  ];

  it.each(faults)('%s', async (_what, fault, law) => {
    const laws = await checkEngine(linearEngine(fault), {
      tasks: [task()],
      weights: weightsOf,
      reference: linearEngine(undefined, 'reference'),
    });
    const broken = laws.find(({ name }) => name === `regression: ${law}`);
    expect(broken).toMatchObject({ ok: false, message: expect.stringMatching(/\w+/) as string });
  });
});
