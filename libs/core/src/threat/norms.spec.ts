import { Rng } from '../rng';
import type { NormName } from './norm';
import { NORMS } from './norms';

const names = Object.keys(NORMS) as NormName[];
const normal = (rng: Rng, size: number): Float32Array => Float32Array.from({ length: size }, () => rng.normal());
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

it('a norm is found by its name', () => {
  for (const name of names) expect(NORMS[name].name).toBe(name);
});

describe.each(names)('%s', (name) => {
  const norm = NORMS[name];

  it('measures a part of an array as it measures that part alone', () => {
    const rng = Rng.root('part');
    const [a, b] = [normal(rng, 30), normal(rng, 30)];
    expect(norm.distance(a, b, 10, 7)).toBe(norm.distance(a.slice(10, 17), b.slice(10, 17)));
    expect(norm.distance(a, b, 23)).toBe(norm.distance(a.slice(23), b.slice(23)));
  });

  it('is a distance: 0 from a point to itself, as far back as there, no detour shorter', () => {
    const rng = Rng.root('distance');
    for (let trial = 0; trial < 100; trial++) {
      const [a, b, c] = [normal(rng, 5), normal(rng, 5), normal(rng, 5)];
      expect(norm.distance(a, a)).toBe(0);
      expect(norm.distance(a, b)).toBeGreaterThan(0);
      expect(norm.distance(b, a)).toBe(norm.distance(a, b));
      expect(norm.distance(a, c)).toBeLessThanOrEqual(norm.distance(a, b) + norm.distance(b, c) + 1e-12);
    }
  });

  it('has a steepest step of norm 1, which falls by the dual norm and further than any other', () => {
    const rng = Rng.root('steepest');
    const step = new Float32Array(6);
    const other = new Float32Array(6);
    for (let trial = 0; trial < 100; trial++) {
      const gradient = normal(rng, 6);
      norm.steepest(gradient, step);
      expect(norm.distance(step, new Float32Array(6))).toBeCloseTo(1, 6);
      expect(dot(gradient, step)).toBeCloseTo(-norm.dual(gradient), 5);
      for (let k = 0; k < 20; k++) {
        norm.random(rng, other);
        expect(dot(gradient, other)).toBeGreaterThan(dot(gradient, step));
      }
    }
  });

  it('steps nowhere without a gradient', () => {
    const step = new Float32Array(4).fill(9);
    norm.steepest(new Float32Array(4), step);
    expect(step).toEqual(new Float32Array(4));
    expect(norm.dual(step)).toBe(0);
  });

  it('may write the step over the gradient', () => {
    const gradient = Float32Array.of(1, -3, 0, 2);
    const step = new Float32Array(4);
    norm.steepest(gradient, step);
    norm.steepest(gradient, gradient);
    expect(gradient).toEqual(step);
  });

  it.each([1, 2, 50])('draws points of %d features from its ball, the same from the same seed', (size) => {
    const [rng, again] = [Rng.root('random'), Rng.root('random')];
    const [point, same, origin] = [new Float32Array(size).fill(9), new Float32Array(size), new Float32Array(size)];
    for (let trial = 0; trial < 300; trial++) {
      norm.random(rng, point);
      norm.random(again, same);
      expect(point).toEqual(same);
      expect(norm.distance(point, origin)).toBeLessThan(1 + 1e-6);
      expect(point.every((value) => Math.abs(value) <= 1)).toBe(true);
    }
  });
});
