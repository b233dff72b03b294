import { checkAveraging, rateAt, SCHEDULES } from './schedule';

it.each(SCHEDULES)('%s stays within 0 and 1', (schedule) => {
  for (let k = 0; k < 100; k++) {
    const rate = rateAt(schedule, k / 100);
    expect(rate).toBeGreaterThanOrEqual(0);
    expect(rate).toBeLessThanOrEqual(1);
  }
});

it('goes as its definition says', () => {
  expect(rateAt('cosine', 0.5)).toBeCloseTo(0.5);
  expect([0, 0.2, 0.4, 0.7].map((at) => rateAt('one-cycle', at))).toEqual([0, 0.5, 1, expect.closeTo(0.5)]);
  expect([0, 0.5, 0.75].map((at) => rateAt('piecewise', at))).toEqual([1, 0.1, 0.01]);
});

it('refuses an average that never moves', () => {
  expect(() => checkAveraging({ decay: 1 })).toThrow(/decay of 0 or more and below 1. Received: 1/);
});
