import { TanhSpace } from './tanh-space';

const bounds = { lower: Float32Array.of(0, -1, 0.3, 0), upper: Float32Array.of(1, 3, 0.3, 1) };
const space = new TanhSpace(bounds);

describe('TanhSpace', () => {
  it('comes back to where it was, or just inside the bounds, and leaves alone what may not change', () => {
    const point = Float32Array.of(0.25, 2, 0.3, 1);
    const variables = new Float64Array(4);
    space.enter(point, variables);
    const back = new Float32Array(4);
    space.leave(variables, back, new Float64Array(4));
    for (let k = 0; k < 4; k++) expect(Math.abs(back[k]! - point[k]!)).toBeLessThan(2e-3);
    expect(back[2]).toBe(point[2]);
    expect(back[3]).toBeLessThan(1);
  });

  it('stays inside the bounds wherever the variables go', () => {
    const point = new Float32Array(4);
    const slopes = new Float64Array(4);
    for (const far of [-1e4, -30, 30, 1e4]) {
      space.leave(new Float64Array(4).fill(far), point, slopes);
      for (let k = 0; k < 4; k++) {
        expect(point[k]).toBeGreaterThanOrEqual(bounds.lower[k]!);
        expect(point[k]).toBeLessThanOrEqual(bounds.upper[k]!);
        expect(Number.isFinite(slopes[k])).toBe(true);
      }
    }
  });

  it('knows its slopes', () => {
    const at = (w: number) => {
      const point = new Float32Array(4);
      const slopes = new Float64Array(4);
      space.leave(new Float64Array(4).fill(w), point, slopes);
      return { point, slopes };
    };
    const { slopes } = at(0.4);
    for (let k = 0; k < 4; k++) {
      expect((at(0.41).point[k]! - at(0.39).point[k]!) / 0.02).toBeCloseTo(slopes[k]!, 3);
    }
  });
});
