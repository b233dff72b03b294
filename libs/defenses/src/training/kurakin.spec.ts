import { Rng } from '@rampart/core';
import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { kurakin, mix } from './kurakin';

describeDefense(kurakin, defenseArena({ epsilon: 0.1, epochs: 2, batchSize: 16, validation: 0.1 }));

it('replaces a part of a batch, whose losses weigh lambda, and keeps the sum of the weights', () => {
  const reach = new Float32Array(40).fill(1);
  const labels = Float32Array.from({ length: 80 }, (_, k) => k % 2);
  mix(reach, labels, { share: 0.25, lambda: 0.3 }, Rng.root('mix'));
  const examples = [...reach].filter((epsilon) => epsilon > 0);
  expect(examples).toHaveLength(10);
  expect(new Set(examples).size).toBe(10);
  expect(Math.max(...examples)).toBeLessThanOrEqual(1);
  const weights = [...reach.keys()].map((i) => labels[2 * i + 1]!);
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(40, 4);
  const at = (attacked: boolean) => weights.find((_, i) => reach[i]! > 0 === attacked)!;
  expect(at(true) / at(false)).toBeCloseTo(0.3, 5);
});
