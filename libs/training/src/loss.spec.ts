import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import { float32Tensor, GraphBuilder, Session } from '@rampart/onnx';

import type { CompleteTerm } from './objective';
import { termLoss as onnxLoss } from './onnx/loss';
import { tfjsBackend } from './tfjs/backend';
import { termLoss as tfjsLoss } from './tfjs/loss';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

type Rows = readonly (readonly number[])[];

/** The definitions of `ObjectiveTerm`, word for word. */
function definition({ loss, temperature }: CompleteTerm, outputs: Rows, targets: Rows): number {
  const losses = outputs.map((row, i) => {
    const target = targets[i]!;
    if (loss === 'mse') return row.reduce((sum, z, j) => sum + (z - target[j]!) ** 2, 0) / row.length;
    const scaled = row.map((z) => z / temperature);
    const largest = Math.max(...scaled);
    const total = scaled.reduce((sum, z) => sum + Math.exp(z - largest), 0);
    return target.reduce((sum, p, j) => {
      const logarithm = scaled[j]! - largest - Math.log(total);
      if (loss === 'cross-entropy') return sum - p * logarithm;
      return sum + (p === 0 ? 0 : p * (Math.log(p) - logarithm));
    }, 0);
  });
  return losses.reduce((sum, value) => sum + value, 0) / losses.length;
}

const flat = (rows: Rows) => Float32Array.from(rows.flat());

async function onnx(term: CompleteTerm, outputs: Rows, targets: Rows): Promise<number> {
  const dims = [outputs.length, outputs[0]!.length];
  const builder = new GraphBuilder();
  builder.input('output', 'float32', dims);
  builder.input('target', 'float32', dims);
  const loss = builder.output(onnxLoss(builder, term, { output: 'output', target: 'target' }), 'float32', []);
  const session = await Session.open({
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: 'test',
    metadata: new Map(),
    graph: builder.build('loss'),
    functions: [],
  });
  try {
    const feeds = { output: float32Tensor(dims, flat(outputs)), target: float32Tensor(dims, flat(targets)) };
    return ((await session.run(feeds))[loss]!.data as Float32Array)[0]!;
  } finally {
    await session.dispose();
  }
}

async function tfjs(term: CompleteTerm, outputs: Rows, targets: Rows): Promise<number> {
  await tfjsBackend();
  const shape: [number, number] = [outputs.length, outputs[0]!.length];
  return tf.tidy(
    () =>
      tfjsLoss(term, {
        output: tf.tensor2d(flat(outputs), shape),
        target: tf.tensor2d(flat(targets), shape),
      }).dataSync()[0]!,
  );
}

/** Rows of logits, and rows of probabilities some of which are 0. */
const batch = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 5 })).chain(([count, classes]) => {
  const rows = (value: fc.Arbitrary<number>) =>
    fc.array(fc.array(value, { minLength: classes, maxLength: classes }), { minLength: count, maxLength: count });
  const logits = rows(fc.double({ min: -30, max: 30, noNaN: true }));
  const targets = rows(fc.nat({ max: 4 })).map((all) =>
    all.map((row) => {
      const total = row.reduce((a, b) => a + b, 0);
      return total === 0 ? row.map((_, j) => Number(j === 0)) : row.map((weight) => weight / total);
    }),
  );
  return fc.tuple(logits, targets);
});

describe.each([
  ['onnx', onnx],
  ['tfjs', tfjs],
] as const)('losses of engine %s', (_engine, compute) => {
  it.each(['cross-entropy', 'kl', 'mse'] as const)('%s is what its definition says', async (loss) => {
    await fc.assert(
      fc.asyncProperty(batch, fc.constantFrom(0.5, 1, 20), async ([outputs, targets], temperature) => {
        const term = { loss, input: 'x', output: 'y', target: 't', temperature, weight: 1 };
        const expected = definition(term, outputs, targets);
        const received = await compute(term, outputs, targets);
        expect(Math.abs(received - expected)).toBeLessThanOrEqual(2e-6 * Math.max(30, Math.abs(expected)));
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});
