import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { distillation, softmax } from './distillation';

describeDefense(distillation, defenseArena({ temperature: 20, epochs: 4 }));

describe('softmax at a temperature', () => {
  it('tends to the same for every class as the temperature grows', () => {
    const soft = softmax(Float32Array.of(3, -1, 0, 8), 2, 1e6);
    for (const value of soft) expect(value).toBeCloseTo(0.5, 4);
  });

  it('is a distribution in every row, also of logits that overflow on their own', () => {
    const soft = softmax(Float32Array.of(1000, 998, -5, 5), 2, 1);
    expect(soft[0]! + soft[1]!).toBeCloseTo(1, 6);
    expect(soft[0]!).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
    expect(soft[2]! + soft[3]!).toBeCloseTo(1, 6);
  });
});
