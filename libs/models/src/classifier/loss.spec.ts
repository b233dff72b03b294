import fc from 'fast-check';

import { type AttackLoss, lossOfLogits } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model, Session, withOutputs } from '@rampart/onnx';

import { classMasks } from './class-masks';
import { appendLoss, lossAmong } from './loss';

const LOSSES: readonly AttackLoss[] = ['cross-entropy', 'margin', 'difference', 'dlr', 'targeted-dlr'];

/** A model whose logits are its input. */
function identity(classes: number): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['batch', classes]);
  builder.output(builder.node('Identity', ['x'], {}, { name: 'logits' }), 'float32', ['batch', classes]);
  const graph = builder.build('identity');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'spec', metadata: new Map(), graph, functions: [] };
}

interface Row {
  readonly logits: readonly number[];
  readonly label: number;
  readonly rival: number;
}

/** Losses and slopes of a batch. */
async function lossesOf(rows: readonly Row[], loss: AttackLoss) {
  const classes = rows[0]!.logits.length;
  const count = rows.length;
  const { model, losses, slopes, ...inputs } = appendLoss(identity(classes), loss, { logits: 'logits', classes });
  const session = await Session.open(withOutputs(model, [losses, slopes]));
  const masks = classMasks(inputs, {
    labels: Int32Array.from(rows, ({ label }) => label),
    rivals: Int32Array.from(rows, ({ rival }) => rival),
    count,
    classes,
  });
  const feeds = Object.fromEntries(
    Object.entries(masks).map(([name, { type, data, dims }]) => [name, { type, data, dims: [count, ...dims] }]),
  );
  const logits = Float32Array.from(rows.flatMap((row) => row.logits));
  const result = await session.run({ x: float32Tensor([count, classes], logits), ...feeds }, [losses, slopes]);
  await session.dispose();
  return { losses: result[losses]!.data as Float32Array, slopes: result[slopes]!.data as Float32Array };
}

async function expectCores(rows: readonly Row[], loss: AttackLoss): Promise<void> {
  const { losses, slopes } = await lossesOf(rows, loss);
  expect(losses).toHaveLength(rows.length);
  rows.forEach(({ logits, label, rival }, i) => {
    const expected = lossOfLogits(Float32Array.from(logits), label, loss, rival);
    const about = JSON.stringify({ loss, logits, label, rival });
    expect(Math.abs(losses[i]! - expected.value) <= 1e-6 * (1 + Math.abs(expected.value)) || about).toBe(true);
    const steepest = expected.slope.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    const received = slopes.subarray(i * logits.length, (i + 1) * logits.length);
    expect(received.every((value, j) => Math.abs(value - expected.slope[j]!) <= 2e-6 * steepest) || about).toBe(true);
  });
}

/** Logits with many that are equal. */
const coarse = fc.integer({ min: -4, max: 4 }).map((value) => value / 2);
/** On a grid, so that float32 and float64 have the same denominators. */
const fine = fc.integer({ min: -2560, max: 2560 }).map((value) => value / 64);
const rowsOf = (classes: number): fc.Arbitrary<Row[]> =>
  fc.array(
    fc.record({
      logits: fc.oneof(
        fc.array(coarse, { minLength: classes, maxLength: classes }),
        fc.array(fine, { minLength: classes, maxLength: classes }),
      ),
      label: fc.nat(classes - 1),
      rival: fc.nat(classes - 1),
    }),
    { minLength: 1, maxLength: 12 },
  );

describe.each(LOSSES)('the %s in the graph', (loss) => {
  it("has core's values and slopes, where logits are equal too", async () => {
    const cases = fc.integer({ min: 2, max: 11 }).chain(rowsOf);
    await fc.assert(
      fc.asyncProperty(cases, (rows) => expectCores(rows, loss)),
      { seed: 5, numRuns: 40 },
    );
  });

  it('has them among a thousand classes', async () => {
    const logits = Array.from({ length: 1000 }, (_, j) => 9 * Math.sin(j * j));
    const rows = [3, 500, 999].map((label) => ({ logits, label, rival: (label * 7 + 1) % 1000 }));
    await expectCores(rows, loss);
  });

  it('is finite where all logits are equal, or so but for one, or far apart', async () => {
    const rows = [
      [0, 0, 0, 0, 0],
      [7, 7, 7, 7, 7],
      [-3, 7, 7, 7, 7],
      [7, 7, 7, 7, -3],
      [1e4, -1e4, 0, 0, 0],
      [1e-30, 0, 0, 0, 0],
    ].flatMap((logits) => [0, 3].map((label) => ({ logits, label, rival: 1 })));
    const { losses, slopes } = await lossesOf(rows, loss);
    expect([...losses, ...slopes].filter((value) => !Number.isFinite(value))).toEqual([]);
  });
});

it.each([
  ['dlr', 2, 'margin'],
  ['dlr', 3, 'dlr'],
  ['targeted-dlr', 2, 'difference'],
  ['targeted-dlr', 3, 'difference'],
  ['targeted-dlr', 4, 'targeted-dlr'],
  ['cross-entropy', 2, 'cross-entropy'],
  ['difference', 2, 'difference'],
] as const)('the %s among %i classes is the %s', (loss, classes, expected) => {
  expect(lossAmong(classes, loss)).toBe(expected);
});
