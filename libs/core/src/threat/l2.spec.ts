import { Rng } from '../rng';
import { l2 } from './l2';

const bounds = { lower: new Float32Array(2), upper: new Float32Array(2).fill(1) };

describe('l2', () => {
  it('is the Euclidean norm, its own dual', () => {
    expect(l2.distance(Float32Array.of(1, 3, 4), Float32Array.of(1, 0, 0))).toBe(5);
    expect(l2.dual(Float32Array.of(-3, 4, 0))).toBe(5);
  });

  it('steps along the gradient', () => {
    const step = new Float32Array(3);
    l2.steepest(Float32Array.of(-3, 4, 0), step);
    expect(step).toEqual(Float32Array.of(0.6, -0.8, 0));
  });

  it('projects along the ray from the origin while no bound is near', () => {
    const point = Float32Array.of(0.5 + 3, 0.5 - 4);
    l2.project(point, Float32Array.of(0.5, 0.5), 0.125, bounds);
    expect(point[0]).toBeCloseTo(0.575, 6);
    expect(point[1]).toBeCloseTo(0.4, 6);
  });

  it('gives what a bound cuts off to the other features', () => {
    const point = Float32Array.of(0.9 + 3, 0.5 - 4);
    const origin = Float32Array.of(0.9, 0.5);
    l2.project(point, origin, 0.25, bounds);
    // Clipping the projection into the ball alone would leave 0.5 - 0.2.
    expect(point[0]).toBe(1);
    expect(point[1]).toBeCloseTo(0.5 - Math.sqrt(0.25 ** 2 - 0.1 ** 2), 6);
    expect(l2.distance(point, origin)).toBeCloseTo(0.25, 6);
  });

  it.each([1, 2, 3])('draws uniformly from the ball of %d features', (size) => {
    const rng = Rng.root('l2').split(size);
    const point = new Float32Array(size);
    const origin = new Float32Array(size);
    const draws = 20_000;
    const volumes = new Array<number>(10).fill(0);
    const squares = new Float64Array(size);
    let product = 0;
    for (let k = 0; k < draws; k++) {
      l2.random(rng, point);
      volumes[Math.min(9, Math.floor(10 * l2.distance(point, origin) ** size))]! += 1;
      for (let i = 0; i < size; i++) squares[i]! += point[i]! ** 2 / draws;
      product += (point[0]! * (point[1] ?? 0)) / draws;
    }
    for (const count of volumes) expect(Math.abs(count - draws / 10)).toBeLessThan(4 * Math.sqrt(draws / 10));
    for (const square of squares) expect(square).toBeCloseTo(1 / (size + 2), 2);
    expect(product).toBeCloseTo(0, 2);
  });
});
