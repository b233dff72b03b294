import { type Bounds, NORMS, type NormName, pixelBox } from '@rampart/core';
import fc from 'fast-check';

import { byteOf, in8Bit, roundedTo8Bit, ROUNDINGS, valueOf } from './eight-bit';

const box = pixelBox(-0.5, 0.5);
const size = 6;
const everywhere: Bounds = { lower: new Float32Array(size).fill(-0.5), upper: new Float32Array(size).fill(0.5) };
const level = (value: number) => (value + 0.5) * 255;

describe('roundedTo8Bit', () => {
  it('gives the nearest of the 256 levels and leaves these alone', () => {
    const levels = Float32Array.from({ length: 256 }, (_, byte) => valueOf(byte, box));
    expect(roundedTo8Bit(levels, box)).toEqual(levels);
    expect(
      roundedTo8Bit(
        levels.map((value) => value + 0.4 / 255),
        box,
      ),
    ).toEqual(levels);
    expect(roundedTo8Bit(Float32Array.of(-0.7, 0.7), box)).toEqual(Float32Array.of(-0.5, 0.5));
    expect([byteOf(-0.5, box), byteOf(0, box), byteOf(0.5, box)]).toEqual([0, 128, 255]);
  });
});

describe('in8Bit', () => {
  const original = Float32Array.from([10, 20, 30, 40, 50, 60], (byte) => valueOf(byte, box));
  const example = Float32Array.from([12.4, 17.6, 30, 40.6, 48.6, 60], (at) => Math.fround(at / 255 - 0.5));
  const round = (rounding: (typeof ROUNDINGS)[number], norm?: NormName, epsilon = 1) =>
    in8Bit({ example, original, bounds: everywhere, ball: norm && { norm, epsilon }, box }, rounding);

  it('rounds to the nearest level, away from the original, and towards it', () => {
    expect(round('nearest')).toEqual(Uint8Array.of(12, 18, 30, 41, 49, 60));
    expect(round('away')).toEqual(Uint8Array.of(13, 17, 30, 41, 48, 60));
    expect(round('towards')).toEqual(Uint8Array.of(12, 18, 30, 40, 49, 60));
  });

  it('goes away from the original as far as the ball has room', () => {
    expect(round('away', 'linf', 2.7 / 255)).toEqual(Uint8Array.of(12, 18, 30, 41, 48, 60));
    // Towards takes 5 levels of 6.3: the one that is nearest to its outer level is moved.
    expect(round('away', 'l1', 6.3 / 255)).toEqual(Uint8Array.of(12, 18, 30, 41, 49, 60));
    expect(round('nearest', 'l1', 5.5 / 255)).toBeUndefined();
    expect(round('away', 'l0', 4)).toEqual(round('away'));
  });

  it('stays inside narrower bounds, or is no example', () => {
    const narrow = { lower: everywhere.lower, upper: Float32Array.from(everywhere.upper) };
    narrow.upper[0] = Math.fround(12.5 / 255 - 0.5);
    const rounded = { example, original, bounds: narrow, ball: undefined, box };
    expect(in8Bit(rounded, 'away')).toEqual(Uint8Array.of(12, 17, 30, 41, 48, 60));
    narrow.upper[0] = Math.fround(11.9 / 255 - 0.5);
    expect(in8Bit(rounded, 'nearest')).toBeUndefined();
  });

  it('never leaves the ball, and never moves a feature by a level or more', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const point = fc.array(fc.double({ min: 0, max: 255, noNaN: true }), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(
        fc.array(byte, { minLength: size, maxLength: size }),
        point,
        fc.constantFrom<NormName>('linf', 'l2', 'l1', 'l0'),
        (bytes, at, norm) => {
          const from = Float32Array.from(bytes, (one) => valueOf(one, box));
          const to = Float32Array.from(at, (one) => Math.fround(one / 255 - 0.5));
          const epsilon = NORMS[norm].distance(to, from);
          for (const rounding of ROUNDINGS) {
            const rounded = in8Bit(
              { example: to, original: from, bounds: everywhere, ball: { norm, epsilon }, box },
              rounding,
            );
            if (rounding === 'towards') expect(rounded).toBeDefined();
            if (!rounded) continue;
            const values = Float32Array.from(rounded, (one) => valueOf(one, box));
            expect(NORMS[norm].distance(values, from)).toBeLessThanOrEqual(epsilon + 1e-6);
            rounded.forEach((one, k) => expect(Math.abs(one - level(to[k]!))).toBeLessThan(1.001));
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
