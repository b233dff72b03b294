import { minimise } from './quasi-newton';

/** (x - a)' D (x - a) with D from 1 to 1000, and a coupling of neighbours. */
function valley(centre: readonly number[]) {
  const scales = centre.map((_, k) => 10 ** ((3 * k) / (centre.length - 1)));
  let asked = 0;
  const evaluate = (point: Float32Array) => {
    asked++;
    const off = centre.map((c, k) => point[k]! - c);
    const slope = Float64Array.from(off, (d, k) => 2 * scales[k]! * d + 0.5 * ((off[k - 1] ?? 0) + (off[k + 1] ?? 0)));
    const value = off.reduce((sum, d, k) => sum + scales[k]! * d * d + 0.5 * d * (off[k + 1] ?? 0), 0);
    return Promise.resolve({ value, slope });
  };
  return { evaluate, asked: () => asked };
}

describe('minimise', () => {
  const centre = [0.3, -0.2, 0.5, 0.1, -0.4, 0.25];
  const wide = { lower: new Float32Array(6).fill(-1), upper: new Float32Array(6).fill(1) };

  it('finds the minimum of a narrow valley in a few dozen evaluations', async () => {
    const { evaluate, asked } = valley(centre);
    const point = new Float32Array(6).fill(0.9);
    await minimise(point, wide, evaluate, { steps: 60, memory: 8 });
    centre.forEach((value, k) => expect(point[k]).toBeCloseTo(value, 3));
    expect(asked()).toBeLessThan(120);
  });

  it('stays inside its bounds and ends at those that are in the way', async () => {
    const { evaluate } = valley(centre);
    const bounds = { lower: new Float32Array(6).fill(-0.1), upper: new Float32Array(6).fill(0.2) };
    const point = new Float32Array(6);
    await minimise(point, bounds, evaluate, { steps: 60, memory: 8 });
    expect(point[5]).toBeCloseTo(0.2, 6);
    expect(point[4]).toBeCloseTo(-0.1, 6);
    point.forEach((value, k) => {
      expect(value).toBeGreaterThanOrEqual(bounds.lower[k]!);
      expect(value).toBeLessThanOrEqual(bounds.upper[k]!);
    });
  });

  it('ends at once where there is no slope', async () => {
    const point = Float32Array.of(0.5);
    const bounds = { lower: Float32Array.of(0), upper: Float32Array.of(1) };
    let asked = 0;
    const flat = () => Promise.resolve({ value: 0, slope: new Float64Array(1) }).finally(() => asked++);
    await minimise(point, bounds, flat, { steps: 10, memory: 3 });
    expect(asked).toBe(1);
  });
});
