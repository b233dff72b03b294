import { Rng } from '../rng';
import { l1 } from './l1';

const bounds = { lower: new Float32Array(3), upper: new Float32Array(3).fill(1) };

describe('l1', () => {
  it('is the sum of changes, whose dual is the largest slope', () => {
    expect(l1.distance(Float32Array.of(1, -2, 0), Float32Array.of(0, 1, 0))).toBe(4);
    expect(l1.dual(Float32Array.of(1, -2, 0.5))).toBe(2);
  });

  it('steps along the first of the largest slopes', () => {
    const step = new Float32Array(3).fill(9);
    l1.steepest(Float32Array.of(1, -2, 2), step);
    expect(step).toEqual(Float32Array.of(0, 1, 0));
  });

  it('projects by soft thresholding while no bound is near', () => {
    const point = Float32Array.of(0.5 + 0.375, 0.5 - 0.25, 0.5 + 0.0625);
    l1.project(point, Float32Array.of(0.5, 0.5, 0.5), 0.375, bounds);
    expect(point).toEqual(Float32Array.of(0.75, 0.375, 0.5));
  });

  it('gives what a bound cuts off to the other features', () => {
    const point = Float32Array.of(3, 0.25, 0.5);
    const origin = Float32Array.of(0.875, 0.5, 0.5);
    l1.project(point, origin, 0.25, bounds);
    // Clipping the projection into the ball alone would leave the second feature where it was.
    expect(point).toEqual(Float32Array.of(1, 0.375, 0.5));
  });

  it.each([1, 2, 3])('draws uniformly from the ball of %d features', (size) => {
    const rng = Rng.root('l1').split(size);
    const point = new Float32Array(size);
    const origin = new Float32Array(size);
    const draws = 20_000;
    const volumes = new Array<number>(10).fill(0);
    const orthants = new Array<number>(2 ** size).fill(0);
    const means = new Float64Array(size);
    for (let k = 0; k < draws; k++) {
      l1.random(rng, point);
      volumes[Math.min(9, Math.floor(10 * l1.distance(point, origin) ** size))]! += 1;
      orthants[point.reduce((code, value, i) => code + (value > 0 ? 2 ** i : 0), 0)]! += 1;
      for (let i = 0; i < size; i++) means[i]! += Math.abs(point[i]!) / draws;
    }
    for (const counts of [volumes, orthants]) {
      const expected = draws / counts.length;
      for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
    }
    for (const mean of means) expect(mean).toBeCloseTo(1 / (size + 1), 2);
  });
});
