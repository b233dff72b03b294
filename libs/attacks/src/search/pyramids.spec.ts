import { normalise, pyramids } from './pyramids';

const sumOf = (values: Float64Array, power: number) => values.reduce((sum, value) => sum + Math.abs(value) ** power, 0);

test.each([
  [1, 4],
  [2, 2],
] as const)('a hill and a valley have norm 1 together and alike in l%d', (norm, power) => {
  for (const side of [2, 4, 6, 8]) {
    const pattern = pyramids({ rows: side, columns: side, stacked: true }, norm, power);
    expect(sumOf(pattern, norm)).toBeCloseTo(1, 12);
    for (let k = 0; k < pattern.length / 2; k++) {
      expect(pattern[k]).toBeGreaterThan(0);
      expect(pattern[k + pattern.length / 2]).toBe(-pattern[k]!);
    }
  }
});

test('side by side is stacked, transposed', () => {
  const stacked = pyramids({ rows: 5, columns: 5, stacked: true }, 2, 2);
  const beside = pyramids({ rows: 5, columns: 5, stacked: false }, 2, 2);
  for (let k = 0; k < 25; k++) expect(beside[k]).toBe(stacked[(k % 5) * 5 + Math.floor(k / 5)]);
});

test('terraces fall as the paper says', () => {
  // Equation 4 for a 3 x 6 half: around its middle cell squares of half side 0 to 3 add 1, 1/4, 1/9 and 1/16.
  const pattern = pyramids({ rows: 6, columns: 6, stacked: true }, 2, 2);
  const terrace = (r: number) => [1, 1 / 4, 1 / 9, 1 / 16].slice(r).reduce((a, b) => a + b);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 6; column++) {
      const ring = Math.max(Math.abs(row - 1), Math.abs(column - 3));
      expect(pattern[6 * row + column]! / pattern[9]!).toBeCloseTo(terrace(ring) / terrace(0), 12);
    }
  }
});

test('what can not be halved is one hill', () => {
  expect(Array.from(pyramids({ rows: 1, columns: 1, stacked: true }, 2, 2))).toEqual([-1]);
  const hill = pyramids({ rows: 1, columns: 3, stacked: true }, 1, 4);
  expect(sumOf(hill, 1)).toBeCloseTo(1, 12);
  expect(hill.every((value) => value < 0)).toBe(true);
});

test('zeros have no norm to be scaled to', () => {
  const values = new Float64Array(3);
  normalise(values, 2, 1);
  expect(Array.from(values)).toEqual([0, 0, 0]);
});
