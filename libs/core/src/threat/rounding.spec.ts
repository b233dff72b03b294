import fc from 'fast-check';

import { stepToward, trim } from './rounding';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('stepToward', () => {
  it('comes nearer, with no float32 between', () => {
    fc.assert(
      fc.property(float, float, (value, target) => {
        fc.pre(value !== target);
        const next = stepToward(value, target);
        expect(Math.fround(next)).toBe(next);
        expect(Math.sign(next - value)).toBe(Math.sign(target - value));
        expect(Math.abs(next - target)).toBeLessThanOrEqual(Math.abs(value - target));
        const middle = Math.fround((value + next) / 2);
        expect(middle === value || middle === next).toBe(true);
      }),
      {
        seed: 1,
        examples: [
          [0, 1],
          [-0, 1],
          [0, -1],
          [1, 0],
          [-1, 0],
          [2 ** -149, 0],
          [-(2 ** -149), 1],
        ],
      },
    );
  });
});

describe.each([1, 2] as const)('trim, of power %d', (power) => {
  const sum = (point: Float32Array, origin: Float32Array) =>
    point.reduce((total, value, i) => total + Math.abs(value - origin[i]!) ** power, 0);

  it('brings what rounding put outside back, and moves no feature further than rounding did', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.float({ min: -1, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 300,
        }),
        (pairs) => {
          const origin = Float32Array.from(pairs, ([, start]) => start);
          const exact = pairs.map(([value]) => value);
          const rounded = Float32Array.from(exact);
          const budget = exact.reduce((total, value, i) => total + Math.abs(value - origin[i]!) ** power, 0);
          const point = rounded.slice();
          const bounds = { lower: point.map(() => -1), upper: point.map(() => 1) };
          trim(point, origin, budget, power, bounds);
          expect(sum(point, origin)).toBeLessThanOrEqual(budget * (1 + 1e-12));
          point.forEach((value, i) => expect(Math.abs(value - exact[i]!)).toBeLessThan(3e-7));
          if (sum(rounded, origin) <= budget * (1 - 1e-12)) expect(point).toEqual(rounded);
        },
      ),
      { seed: 2 },
    );
  });

  it('takes from features at their bounds last', () => {
    const origin = new Float32Array(3);
    const bounds = { lower: Float32Array.of(-1, -2, -2), upper: Float32Array.of(1, 2, 1) };
    const point = Float32Array.of(-1, 1, 1);
    trim(point, origin, 3 - 1e-8, power, bounds);
    expect(point).toEqual(Float32Array.of(-1, 1 - 2 ** -24, 1));
    const full = Float32Array.of(-1, 0, 1);
    trim(full, origin, 2 - 1e-8, power, bounds);
    expect(full).toEqual(Float32Array.of(-1 + 2 ** -24, 0, 1));
  });
});
