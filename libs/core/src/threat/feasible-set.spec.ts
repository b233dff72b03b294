import { enforce } from '../enforce';
import { pixelBox } from '../pixel-box';
import { Feasibility } from './feasible-set';

const box = pixelBox(0, 1);
const point = Float32Array.of(0.2, 0.5, 0.9);

describe('Feasibility', () => {
  it('has the pixel box as bounds, the same for all instances', () => {
    const feasibility = new Feasibility({}, box, 3);
    const bounds = feasibility.bounds(point, 0);
    expect([...bounds.lower, ...bounds.upper]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(feasibility.bounds(Float32Array.of(0, 0, 0, 1, 1, 1), 3)).toBe(bounds);
  });

  it('narrows the bounds, holds frozen features, and lets what is outside from the start stay', () => {
    const feasibility = new Feasibility(
      { lower: Float32Array.of(0.3, 0.1, 0), upper: Float32Array.of(2, 0.6, 0.7), frozen: Uint8Array.of(0, 1, 0) },
      box,
      3,
    );
    const { lower, upper } = feasibility.bounds(point, 0);
    expect(lower).toEqual(Float32Array.of(0.2, 0.5, 0));
    expect(upper).toEqual(Float32Array.of(1, 0.5, 0.9));
  });

  it('rounds what changed to 8-bit levels, and towards the original where it is asked to', () => {
    const feasibility = new Feasibility({ values: '8-bit' }, box, 3);
    const nearest = Float32Array.of(0.2, 0.5 + 2.4 / 255, 0.9);
    feasibility.round(nearest, 0, point, 0);
    expect(nearest[0]).toBe(point[0]);
    expect(nearest[1]! * 255).toBeCloseTo(130, 4);
    expect(nearest[2]).toBe(point[2]);
    const inward = Float32Array.of(0.2 - 3.9 / 255, 0.5 + 2.4 / 255, 0.9);
    feasibility.round(inward, 0, point, 0, { inward: true });
    expect(inward[0]! * 255).toBeCloseTo(48, 4);
    expect(inward[1]! * 255).toBeCloseTo(129, 4);
  });

  it('keeps the original where no level lies between', () => {
    const feasibility = new Feasibility({ values: 'integer' }, pixelBox(0, 10), 1);
    const value = Float32Array.of(2.9);
    feasibility.round(value, 0, Float32Array.of(2.4), 0, { inward: true });
    expect(value).toEqual(Float32Array.of(2.4));
    const far = Float32Array.of(4.6);
    feasibility.round(far, 0, Float32Array.of(2.4), 0);
    expect(far).toEqual(Float32Array.of(5));
  });

  it('moves features by steps of their own, and leaves those without one between them', () => {
    const feasibility = new Feasibility({ steps: Float64Array.of(0.25, 0, 0.1) }, box, 3);
    expect(feasibility.continuous).toBe(false);
    const origin = Float32Array.of(0.1, 0.5, 0.9);
    const moved = Float32Array.of(0.5, 0.61, 0.72);
    feasibility.round(moved, 0, origin, 0);
    expect(moved).toEqual(Float32Array.of(0.6, 0.61, 0.7));
    const inward = Float32Array.of(0.5, 0.61, 0.72);
    feasibility.round(inward, 0, origin, 0, { inward: true });
    [0.35, 0.61, 0.8].forEach((value, k) => expect(inward[k]).toBeCloseTo(value, 6));
  });

  it('makes a group the nearest of its categories, and the original one where the budget reaches no other', () => {
    const feasibility = new Feasibility({ groups: [[0, 1, 2]] }, box, 4);
    expect(feasibility.continuous).toBe(false);
    const batch = { data: Float32Array.of(1, 0, 0, 0.3), count: 1, shape: { channels: 1, height: 1, width: 4 }, box };
    const towards = (epsilon: number, norm: 'l2' | 'linf' | 'l0') => {
      const candidate = Float32Array.of(0, 0.2, 1, 0.3);
      enforce(candidate, batch, { norm, epsilon }, feasibility);
      return [...candidate.subarray(0, 3)];
    };
    expect(towards(1.5, 'l2')).toEqual([0, 0, 1]);
    expect(towards(1.3, 'l2')).toEqual([1, 0, 0]);
    expect(towards(0.9, 'linf')).toEqual([1, 0, 0]);
    expect(towards(1, 'linf')).toEqual([0, 0, 1]);
    expect(towards(2, 'l0')).toEqual([0, 0, 1]);
    expect(towards(1, 'l0')).toEqual([1, 0, 0]);
  });

  it('refuses arrays of another size and bounds that leave nothing', () => {
    expect(() => new Feasibility({ frozen: new Uint8Array(2) }, box, 3)).toThrow(/"frozen" has 2 values. Expected 3/);
    expect(() => new Feasibility({ lower: Float32Array.of(0, 2, 0) }, box, 3)).toThrow(/nothing of feature 1/);
    expect(() => new Feasibility({ upper: Float32Array.of(0, NaN, 0) }, box, 3)).toThrow(/nothing of feature 1/);
  });

  it('holds each instance to its own bounds and values, wherever a batch of them starts', () => {
    const own = {
      lower: Float32Array.of(0, 0, 0, 0.5, 0.5, 0.5),
      upper: Float32Array.of(0.5, 0.5, 0.5, 1, 1, 0.75),
      nearest: (instance: number, feature: number, value: number) =>
        feature === 2 ? Math.round((3 + instance) * value) / (3 + instance) : value,
    };
    const feasibility = new Feasibility({ own }, box, 3);
    expect(feasibility.continuous).toBe(false);
    expect(feasibility.bounds(new Float32Array(6), 3)).toEqual({
      lower: Float32Array.of(0.5, 0.5, 0.5),
      upper: Float32Array.of(1, 1, 0.75),
    });
    const shape = { channels: 1, height: 1, width: 3 };
    const second = { data: Float32Array.of(0.6, 0.6, 0.75), count: 1, shape, box };
    const candidates = Float32Array.of(0.1, 0.7, 0.55);
    expect(enforce(candidates, second, { norm: 'linf', epsilon: 1 }, feasibility, 1)).toBe(1);
    expect(candidates).toEqual(Float32Array.of(0.5, 0.7, 0.5));
  });
});
