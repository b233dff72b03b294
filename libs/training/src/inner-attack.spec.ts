import { Rng } from '@rampart/core';

import { attackRows, changedRows, checkInner, type InnerAttack } from './inner-attack';

const box = { min: 0, max: 1 };
const inner = {
  ...{ from: 'images', to: 'adversarial', output: 'logits', against: 'own', box },
  ...{ norm: 'linf', epsilon: 0.1, steps: 10, length: 0.03, start: 'uniform' },
} satisfies InnerAttack;

const slopes = [3, -4, 0];

/** Attacks rows of three values of which one is at the box's edge; what is raised is linear. */
async function attacked(options: Partial<InnerAttack>, reach = [1, 1], changes?: Float32Array): Promise<number[]> {
  const originals = Float32Array.of(0.5, 0.5, 0.5, 0.95, 0.5, 0.5);
  const rng = Rng.root('inner');
  const gradient = async (points: Float32Array) => points.map((_, k) => slopes[k % 3]!);
  const rows = await attackRows({ ...inner, ...options }, { originals, count: 2, reach, rng, changes, gradient });
  return [...rows];
}

const near = (values: number[], expected: number[]) =>
  values.forEach((value, k) => Number.isNaN(expected[k] ?? NaN) || expect(value).toBeCloseTo(expected[k]!, 5));

it('goes to the corner of the ball and the box in l-infinity', async () => {
  const values = await attacked({});
  near(values, [0.6, 0.4, NaN, 1, 0.4, NaN]);
  expect(Math.abs(values[2]! - 0.5)).toBeLessThan(0.1);
});

it('starts anywhere in the ball, cut to the box or not, and comes back into it', async () => {
  const starts = async (start: InnerAttack['start']) => {
    const black = new Float32Array(200);
    let asked = new Float32Array();
    const gradient = async (points: Float32Array) => ((asked = points.slice()), points.map(() => 1));
    const rng = Rng.root('inner');
    const options = { ...inner, steps: 1, length: 0.125, start };
    const made = await attackRows(options, { originals: black, count: 1, reach: [1], rng, gradient });
    return { below: asked.filter((value) => value < 0).length, corners: made.filter((value) => value > 0.0999).length };
  };
  expect(await starts('uniform')).toEqual({ below: 0, corners: 200 });
  const { below, corners } = await starts('uniform beyond the box');
  expect(below).toBeGreaterThan(60);
  // A step of 1.25 epsilon reaches the corner from five eighths of the starts.
  expect(corners).toBeGreaterThan(100);
  expect(corners).toBeLessThan(150);
});

it('goes on from the changes that it kept, as far as epsilon reaches', async () => {
  const changes = Float32Array.of(0.02, 0, 0.01, -0.01, 0.3, 0);
  const options: Partial<InnerAttack> = { steps: 1, start: { keptIn: 'changes' } };
  const rows = await attacked(options, [1, 0], changes);
  near(rows, [0.55, 0.47, 0.51, 0.95, 0.5, 0.5]);
  near([...changes], [0.05, -0.03, 0.01, 0, 0, 0]);
  near(await attacked(options, [1, 0], changes), [0.58, 0.44, 0.51]);
  near(await attacked(options, [0.4, 0], changes), [0.54, 0.46, 0.51]);
});

it('goes along the gradient in l2', async () => {
  near(await attacked({ norm: 'l2', start: 'original' }), [0.56, 0.42, 0.5]);
});

it('finds the direction by power iteration', async () => {
  const values = await attacked({ norm: 'l2', power: true, steps: 2, start: { deviation: 0.01 } });
  near(values, [0.56, 0.42, 0.5]);
});

it.each<[string, Partial<InnerAttack>]>([
  ['descent', {}],
  ['descent in l2', { norm: 'l2', epsilon: 0.5, length: 0.2 }],
  ['noise', { steps: 0, start: { deviation: 0.2 } }],
  ['power iteration', { norm: 'l2', epsilon: 0.5, power: true, steps: 2, start: { deviation: 0.01 } }],
])('keeps to the feasible set by %s', async (_, options) => {
  const [frozen, steps] = [Uint8Array.of(1, 0, 0), Float64Array.of(0, 0.05, 0)];
  const rows = await attacked({ ...options, feasible: { frozen, steps, upper: Float32Array.of(1, 1, 0.52) } });
  expect([rows[1], rows[4]]).not.toEqual([0.5, 0.5]);
  for (const [at, original] of [0.5, 0.95].entries()) {
    const [first, second, third] = rows.slice(3 * at) as [number, number, number];
    expect(first).toBeCloseTo(original, 6);
    expect(Math.abs((second - 0.5) / 0.05 - Math.round((second - 0.5) / 0.05))).toBeLessThan(1e-5);
    expect(third).toBeLessThanOrEqual(Math.fround(0.52));
  }
});

it('goes by the gradient of what may change alone', async () => {
  // With the largest slope out of the way, the other has the whole length.
  near(
    await attacked({ norm: 'l2', start: 'original', feasible: { frozen: Uint8Array.of(0, 1, 0) } }),
    [0.6, 0.5, 0.5],
  );
});

it('keeps what a free attack has changed to the feasible set', () => {
  const [originals, changes] = [Float32Array.of(0.5, 0.5, 0.5), Float32Array.of(0.1, 0.1, -0.08)];
  const feasible = { frozen: Uint8Array.of(1, 0, 0), steps: Float64Array.of(0, 0, 0.05) };
  near([...changedRows({ ...inner, free: true, feasible }, originals, changes, 1)], [0.5, 0.6, 0.4]);
  near([...changedRows({ ...inner, free: true, feasible, epsilon: 0.08 }, originals, changes, 1)], [0.5, NaN, 0.45]);
});

it('leaves rows alone that are out of reach, and goes half as far where it is half', async () => {
  near(await attacked({}, [0, 0.5]), [0.5, 0.5, 0.5, 1, 0.45, NaN]);
});

it.each([
  [{ epsilon: Infinity }, /epsilon in linf is Infinity. Expected a budget/],
  [{ steps: 1.5 }, /1.5 steps/],
  [{ length: 0 }, /length of its steps is 0/],
])('refuses %j', (options, message) => {
  expect(() => checkInner({ ...inner, ...options })).toThrow(message);
});
