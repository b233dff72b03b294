import type { RobustnessRecord } from '@rampart/results';

import { bestRobust } from './best-robust';

const record = (over: Partial<RobustnessRecord>): RobustnessRecord => ({
  runId: 'r',
  seed: 1,
  model: 'lenet5',
  mode: 'adaptive',
  threat: 'linf(0.3)',
  norm: 'linf',
  epsilon: 0.3,
  cleanAccuracy: 1,
  robustAccuracy: 0.5,
  low: 0.4,
  high: 0.6,
  instances: 100,
  attacked: 100,
  attackable: 100,
  attacks: [
    {
      attack: 'pgd(epsilon=0.3)',
      robustAccuracy: 0.5,
      cumulativeRobustAccuracy: 0.5,
      successRate: 0.5,
      medianDistance: null,
      gradientEvaluations: 40,
      forwardEvaluations: 1,
      attackSteps: [],
    },
  ],
  notes: [],
  step: 's',
  ...over,
});

describe('bestRobust', () => {
  it('is the model that withstands the first threat best, attacked itself', () => {
    const records = [
      record({}),
      record({ threat: 'l2(2)', robustAccuracy: 0.9 }),
      record({ model: 'rad', robustAccuracy: 0.7, low: 0.6, high: 0.8 }),
      record({ model: 'replayed', mode: 'static', robustAccuracy: 0.99 }),
    ];
    expect(bestRobust(records)).toEqual({
      model: 'rad',
      mode: 'adaptive',
      threat: 'linf(0.3)',
      robustAccuracy: 0.7,
      low: 0.6,
      high: 0.8,
      furtherThreats: 1,
    });
  });

  it('is a mean over the seeds', () => {
    const records = [0.2, 0.6].map((robustAccuracy, seed) => record({ seed, robustAccuracy }));
    expect(bestRobust([...records, record({ model: 'rad', robustAccuracy: 0.5 })])).toMatchObject({ model: 'rad' });
    expect(bestRobust(records)?.robustAccuracy).toBeCloseTo(0.4);
  });

  it('says so where there are replayed examples only, and nothing where no attack answers the threat', () => {
    expect(bestRobust([record({ mode: 'static' })])?.mode).toBe('static');
    expect(bestRobust([record({ attacks: [], robustAccuracy: 1 })])).toBeUndefined();
    expect(bestRobust([])).toBeUndefined();
  });
});
