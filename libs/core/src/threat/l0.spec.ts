import { Rng } from '../rng';
import { l0 } from './l0';

const size = 4;
const bounds = { lower: new Float32Array(size), upper: new Float32Array(size).fill(1) };
const origin = Float32Array.of(0.5, 0.5, 0.5, 0.5);

function projected(point: Float32Array, epsilon: number): Float32Array {
  l0.project(point, origin, epsilon, bounds);
  return point;
}

describe('l0', () => {
  it('counts the features that differ', () => {
    expect(l0.distance(Float32Array.of(1, -2, 1e-30), Float32Array.of(1, 2, 0))).toBe(2);
  });

  it('steps along one feature, by 1', () => {
    const step = new Float32Array(3).fill(9);
    l0.steepest(Float32Array.of(1, -2, 0), step);
    expect(step).toEqual(Float32Array.of(0, 1, 0));
  });

  it('keeps the changes that bring it nearest, clipped, and takes the others back', () => {
    expect(projected(Float32Array.of(0.75, 5, 0.25, 0.625), 1)).toEqual(Float32Array.of(0.5, 1, 0.5, 0.5));
    expect(projected(Float32Array.of(0.875, 0.5, 0.25, 0.625), 2)).toEqual(Float32Array.of(0.875, 0.5, 0.25, 0.5));
  });

  it('counts what a change gains, not how far it was meant to go', () => {
    // The first wants to go 2.5 and may go 0.125: (2.5^2 - 2.375^2) is above 0.5^2.
    const narrow = { lower: bounds.lower, upper: Float32Array.of(0.625, 1, 1, 1) };
    const point = Float32Array.of(3, 1, 0.5, 0.5);
    l0.project(point, origin, 1, narrow);
    expect(point).toEqual(Float32Array.of(0.625, 0.5, 0.5, 0.5));
    // From nearer by it gains less than the other.
    const nearer = Float32Array.of(0.75, 1, 0.5, 0.5);
    l0.project(nearer, origin, 1, narrow);
    expect(nearer).toEqual(Float32Array.of(0.5, 1, 0.5, 0.5));
  });

  it('keeps the first of those that gain the same', () => {
    expect(projected(Float32Array.of(0.25, 0.75, 0.75, 0.25), 2)).toEqual(Float32Array.of(0.25, 0.75, 0.5, 0.5));
    expect(projected(Float32Array.of(0.25, 0.75, 1, 0.25), 2)).toEqual(Float32Array.of(0.25, 0.5, 1, 0.5));
  });

  it('has room for whole features only', () => {
    expect(projected(Float32Array.of(0.25, 0.75, 1, 0.25), 1.99)).toEqual(Float32Array.of(0.5, 0.5, 1, 0.5));
    expect(projected(Float32Array.of(0.25, 0.75, 1, 0.25), 0.99)).toEqual(origin);
  });

  it('draws one feature, each as often as the others', () => {
    const rng = Rng.root('l0');
    const point = new Float32Array(size);
    const counts = new Array<number>(2 * size).fill(0);
    for (let k = 0; k < 8000; k++) {
      l0.random(rng, point);
      const feature = point.findIndex((value) => value !== 0);
      counts[2 * feature + (point[feature]! > 0 ? 1 : 0)]! += 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
  });
});
