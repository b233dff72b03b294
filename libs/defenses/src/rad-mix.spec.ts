import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { frontOf, withinTarget } from './front-of-errors';
import { radMix } from './rad-mix';

const MIX = { attacks: ['fgs(epsilon=0.2)', 'pgd(norm=l2, epsilon=0.8, steps=5)'], weights: [1, 3] };

describeDefense(radMix, defenseArena({ ...MIX, quantities: [0.5, 1], rounds: 2, epochs: 1 }));

describe('what is chosen', () => {
  const choices = [
    { clean: 0.02, worst: 0.9 },
    { clean: 0.04, worst: 0.3 },
    { clean: 0.05, worst: 0.4 },
    { clean: 0.1, worst: 0.1 },
    { clean: 0.1, worst: 0.2 },
  ];

  it('is on the front, where nothing is better in both errors', () => {
    expect(frontOf(choices)).toEqual([choices[0], choices[1], choices[3]]);
  });

  it('has the lowest worst-case error that the target allows, else the lowest clean error', () => {
    expect(withinTarget(choices, 0.05)).toEqual({ chosen: choices[1], met: true });
    expect(withinTarget(choices, 1)).toEqual({ chosen: choices[3], met: true });
    expect(withinTarget(choices, 0.01)).toEqual({ chosen: choices[0], met: false });
  });
});
