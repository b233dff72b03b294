import type { StandingRecord } from '@rampart/results';

import { bestStanding, rankedAmong } from './best-standing';

const record = (over: Partial<StandingRecord>): StandingRecord => ({
  ...{ runId: 'r', seed: 1, model: 'rad', undefended: false, mode: 'adaptive', threat: 'linf(0.3)' },
  ...{ attacks: ['pgd(epsilon=0.3)'], attacked: 100, attackable: 100, evaded: 50, unmoved: 0 },
  ...over,
});

describe('bestStanding', () => {
  it('is the defense that withstands the first threat best, attacked itself', () => {
    const records = [
      record({}),
      record({ model: 'aec', evaded: 30 }),
      record({ model: 'lenet5', undefended: true, evaded: 0 }),
      record({ model: 'replayed', mode: 'static', evaded: 1 }),
      record({ threat: 'l2(2)', evaded: 10 }),
    ];
    expect(bestStanding(records)).toMatchObject({
      ...{ model: 'aec', undefended: false, everyFalls: false, mode: 'adaptive', threat: 'linf(0.3)' },
      ...{ furtherThreats: 1, models: 3, attackable: 100, robustAccuracy: { value: 0.7 } },
    });
  });

  it('is a mean over the seeds, with an interval that keeps the test set', () => {
    const { value, low, high } = bestStanding([1, 2, 3].map((seed) => record({ seed })))!.robustAccuracy;
    const one = bestStanding([record({})])!.robustAccuracy;
    expect(value).toBe(0.5);
    expect([low, high]).toEqual([expect.closeTo(one.low, 12), expect.closeTo(one.high, 12)]);
  });

  it('says where every model falls, where nothing is defended, and where examples were only replayed', () => {
    expect(bestStanding([record({ evaded: 100 }), record({ model: 'aec', evaded: 96 })])?.everyFalls).toBe(true);
    expect(bestStanding([record({ undefended: true })])?.undefended).toBe(true);
    expect(bestStanding([record({ mode: 'static' })])?.mode).toBe('static');
  });

  it('is nothing where no attack answers the threat, or nothing could be attacked', () => {
    expect(bestStanding([record({ attacks: [] })])).toBeUndefined();
    expect(bestStanding([record({ attackable: 0, evaded: 0 })])).toBeUndefined();
    expect(bestStanding([])).toBeUndefined();
  });

  it('is ranked among those of the same dataset, threat, mode and attacks', () => {
    const among = (dataset: string, over: Partial<StandingRecord>) =>
      rankedAmong(dataset, bestStanding([record(over)])!);
    const mine = among('mnist', {});
    expect(among('mnist', { model: 'other', evaded: 3 })).toBe(mine);
    const others: readonly Partial<StandingRecord>[] = [{ threat: 'l2(2)' }, { attacks: ['fgs'] }, { mode: 'static' }];
    for (const over of others) expect(among('mnist', over)).not.toBe(mine);
    expect(among('cifar10', {})).not.toBe(mine);
  });
});
