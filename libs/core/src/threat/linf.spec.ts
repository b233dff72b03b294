import { Rng } from '../rng';
import { linf } from './linf';

const bounds = { lower: new Float32Array(3), upper: new Float32Array(3).fill(1) };

describe('linf', () => {
  it('is the largest change, whose dual is the sum of slopes', () => {
    expect(linf.distance(Float32Array.of(1, -2, 0), Float32Array.of(0, 1, 0))).toBe(3);
    expect(linf.dual(Float32Array.of(1, -2, 0.5))).toBe(3.5);
  });

  it('steps by 1 against the sign of every slope', () => {
    const step = new Float32Array(3);
    linf.steepest(Float32Array.of(0.1, 0, -7), step);
    expect(step).toEqual(Float32Array.of(-1, 0, 1));
  });

  it('projects by clipping every feature', () => {
    const point = Float32Array.of(0.9, 0.55, -3);
    linf.project(point, Float32Array.of(0.5, 0.5, 0.125), 0.25, bounds);
    expect(point).toEqual(Float32Array.of(0.75, 0.55, 0));
  });

  it('rounds towards the origin', () => {
    const rng = Rng.root('rounds');
    for (let trial = 0; trial < 200; trial++) {
      const origin = Float32Array.of(rng.uniform(), rng.uniform(), rng.uniform());
      const point = Float32Array.of(9, -9, 9);
      linf.project(point, origin, 0.001, bounds);
      const reached = linf.distance(point, origin);
      expect(reached).toBeLessThanOrEqual(0.001);
      expect(reached).toBeGreaterThan(0.001 - 1.2e-7);
    }
  });

  it('draws every feature uniformly', () => {
    const rng = Rng.root('linf');
    const point = new Float32Array(2);
    const quarters = new Array<number>(16).fill(0);
    for (let k = 0; k < 16_000; k++) {
      linf.random(rng, point);
      quarters[4 * Math.floor(2 * (point[0]! + 1)) + Math.floor(2 * (point[1]! + 1))]! += 1;
    }
    for (const count of quarters) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
  });
});
