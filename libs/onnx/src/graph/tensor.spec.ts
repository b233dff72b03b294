import fc from 'fast-check';

import { filled, float32Tensor, fromFloat16, int64Vector, numericTensor, tensor, toFloat16, toNumbers } from './tensor';

describe('tensors', () => {
  it('refuse dimensions that do not fit', () => {
    expect(() => float32Tensor([2, 3], [1, 2])).toThrow(/\[2, 3\] has 6 elements. Received 2/);
    expect(() => tensor('float32', [-1, -1], Float32Array.of(1))).toThrow(/\[-1, -1\]/);
  });

  it('take the largest integer for anything beyond it', () => {
    expect(int64Vector([2 ** 63, -(2 ** 70), 5]).data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 5n));
  });

  it('give back the numbers that they were made from, in every type that holds them', () => {
    const types = ['float32', 'float64', 'float16', 'bfloat16', 'int8', 'int16', 'int32', 'int64'] as const;
    for (const type of types) expect(toNumbers(numericTensor(type, [3], [-2, 0, 64]))).toEqual([-2, 0, 64]);
    expect(toNumbers(filled('uint8', [2], 7))).toEqual([7, 7]);
  });

  it('cannot give numbers for strings', () => {
    expect(() => toNumbers(tensor('string', [1], ['a']))).toThrow(/Received strings/);
  });
});

describe('half precision', () => {
  it('gives back all of its numbers', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      expect(toFloat16(fromFloat16(bits))).toBe(bits);
      expect(fromFloat16(bits | 0x8000)).toBe(-fromFloat16(bits));
    }
  });

  it('takes the nearest of its numbers', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = toFloat16(value);
        const distance = (other: number) => Math.abs(fromFloat16(other) - value);
        const magnitude = bits & 0x7fff;
        if (magnitude > 0) expect(distance(bits)).toBeLessThanOrEqual(distance(bits - 1));
        if (magnitude < 0x7bff) expect(distance(bits)).toBeLessThanOrEqual(distance(bits + 1));
      }),
      { seed: 8, numRuns: 2000 },
    );
    // Halfway between two: the one that is even.
    expect(toFloat16(1 + 2 ** -11)).toBe(0x3c00);
    expect(toFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect([65520, Infinity, -Infinity].map(toFloat16)).toEqual([0x7c00, 0x7c00, 0xfc00]);
    expect(fromFloat16(toFloat16(NaN))).toBeNaN();
  });
});
