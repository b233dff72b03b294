import { Rng } from '@rampart/core';

import { Noise } from './noise';

const COUNT = 400_000;

/** P(|x| > t) of a standard normal variable. */
const TAILS = [
  [0.5, 0.617075],
  [1, 0.317311],
  [2, 0.0455],
  [3, 0.0027],
  [3.5, 0.000465],
] as const;

function drawn(fill: 'fillNormal' | 'fillUniform', seed: string | number = 'noise', count = COUNT): Float32Array {
  const values = new Float32Array(count);
  new Noise(Rng.root(seed))[fill](values);
  return values;
}

test('normal variables have the moments and tails of the normal distribution', () => {
  const values = drawn('fillNormal');
  const mean = (of: (value: number) => number) => values.reduce((sum, value) => sum + of(value), 0) / COUNT;
  // Five standard errors each.
  const within = (found: number, expected: number, variance: number) => {
    expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(variance / COUNT));
  };
  within(
    mean((x) => x),
    0,
    1,
  );
  within(
    mean((x) => x ** 2),
    1,
    2,
  );
  within(
    mean((x) => x ** 3),
    0,
    15,
  );
  within(
    mean((x) => x ** 4),
    3,
    96,
  );
  for (const [limit, part] of TAILS) {
    within(
      mean((x) => Number(Math.abs(x) > limit)),
      part,
      part * (1 - part),
    );
  }
});

test('neighbours do not depend on each other', () => {
  const values = drawn('fillNormal');
  for (const lag of [1, 2, 256]) {
    let sum = 0;
    for (let k = lag; k < COUNT; k++) sum += values[k]! * values[k - lag]!;
    expect(Math.abs(sum / COUNT)).toBeLessThan(5 / Math.sqrt(COUNT));
  }
});

test('uniform variables fill the range from -1 to 1 evenly', () => {
  const values = drawn('fillUniform');
  const counts = new Int32Array(20);
  for (const value of values) counts[Math.floor((value + 1) * 10)]!++;
  const expected = COUNT / 20;
  const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 19 degrees of freedom: above 50 once in 7,000 seeds.
  expect(chiSquared).toBeLessThan(50);
});

test('the same seed gives the same numbers, another one others', () => {
  expect(drawn('fillNormal', 1, 1000)).toEqual(drawn('fillNormal', 1, 1000));
  expect(drawn('fillNormal', 1, 1000)).not.toEqual(drawn('fillNormal', 2, 1000));
});
