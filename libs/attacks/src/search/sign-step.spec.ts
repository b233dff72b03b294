import { Rng } from '@rampart/core';

import { momentumStep, signStep } from './sign-step';

const SLOPES = Float32Array.of(3, -2, 0, -0, 1e-45, -1e-45, Infinity, -Infinity);
const box = { lower: new Float32Array(8).fill(-1), upper: new Float32Array(8).fill(1) };

describe('signStep', () => {
  it('steps against the sign of every slope, however small, and not where it is 0', () => {
    const point = new Float32Array(8);
    signStep(point, SLOPES, 0.5, box);
    expect([...point]).toEqual([-0.5, 0.5, 0, 0, -0.5, 0.5, -0.5, 0.5]);
  });

  it('stays in the box', () => {
    const point = new Float32Array(8).fill(0.75);
    signStep(point, SLOPES, 2, box);
    expect([...point]).toEqual([-1, 1, 0.75, 0.75, -1, 1, -1, 1]);
  });
});

describe('momentumStep', () => {
  it('is the weighted mean of a sign step and the step before, clipped', () => {
    const rng = Rng.root('momentum');
    const draw = () => Float32Array.from({ length: 8 }, () => 2 * rng.uniform() - 1);
    const [point, previous, next] = [draw(), draw(), new Float32Array(8)];
    momentumStep(next, { point, previous, gradient: SLOPES }, 0.5, 0.75, box);
    for (let k = 0; k < 8; k++) {
      const clip = (value: number) => Math.max(-1, Math.min(1, value));
      const there = clip(point[k]! - 0.5 * Math.sign(SLOPES[k]!));
      const moved = clip(point[k]! + 0.75 * (there - point[k]!) + 0.25 * (point[k]! - previous[k]!));
      expect(next[k]).toBeCloseTo(moved, 6);
    }
  });
});
