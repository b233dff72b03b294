import { Rng } from '@rampart/core';
import * as fc from 'fast-check';

import { EvasionObjective } from './evasion-objective';

describe('the cost of distortion', () => {
  it('is exp(lambda sqrt(|d|^2 + 1))', () => {
    const candidate = Float32Array.of(3, 4);
    const original = Float32Array.of(9, 9, 0, 0);
    expect(new EvasionObjective(0.5).cost(candidate, original, 2)).toBeCloseTo(Math.exp(0.5 * Math.sqrt(26)), 6);
  });

  it('is left out, with its gradient, where lambda is 0', () => {
    const gradient = Float32Array.of(1, 2);
    const objective = new EvasionObjective(0);
    objective.addCostGradient(gradient, Float32Array.of(3, 4), new Float32Array(2), 0);
    expect([...gradient]).toEqual([1, 2]);
    expect(objective.cost(Float32Array.of(3, 4), new Float32Array(2), 0)).toBe(0);
  });

  it('has the gradient that finite differences find', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0.01, max: 1.5, noNaN: true }),
        (seed, lambda) => {
          const rng = Rng.root(seed);
          const draw = () => Float32Array.from({ length: 6 }, () => rng.uniform() - 0.5);
          const [original, candidate] = [draw(), draw()];
          const objective = new EvasionObjective(lambda);
          const gradient = new Float32Array(6);
          objective.addCostGradient(gradient, candidate, original, 0);
          const step = 2 ** -8;
          for (let k = 0; k < 6; k++) {
            const [up, down] = [candidate.slice(), candidate.slice()];
            up[k]! += step;
            down[k]! -= step;
            const width = up[k]! - down[k]!;
            const slope = (objective.cost(up, original, 0) - objective.cost(down, original, 0)) / width;
            expect(Math.abs(gradient[k]! - slope)).toBeLessThan(1e-3 * (1 + Math.abs(slope)));
          }
        },
      ),
      { seed: 7, numRuns: 50 },
    );
  });
});
