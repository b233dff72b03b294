import { between, count, difference, doneOf, duration, figure, metricName, moment, percent, shortTime } from './format';

it.each([
  [0, '0.0%'],
  [1e-12, '0.0%'],
  [0.00045, '0.045%'],
  [0.0015, '0.15%'],
  [0.00994, '0.99%'],
  [0.00996, '1.0%'],
  [0.4867, '48.7%'],
  [1, '100.0%'],
  [-0.021, '-2.1%'],
])('%d is %s', (value, text) => {
  expect(percent(value)).toBe(text);
});

it.each([
  [0.0118, 'pixel units', '0.0118'],
  [0.5, 'fraction', '50.0%'],
  [3.14, 'evaluations', '3.1'],
  [12345.6, 'evaluations', '12,346'],
])('a figure of %d in %s is %s', (value, unit, text) => {
  expect(figure(value, unit)).toBe(text);
});

it('writes the unit of an interval once', () => {
  expect(between(0.862, 0.942)).toBe('86.2 to 94.2%');
});

it.each([
  [0.02, 'fraction', '+2.0'],
  [-0.0004, 'fraction', '−0.04'],
  [0.000001, 'fraction', '±0.00'],
  [0, 'pixel units', '±0.0000'],
  [-1500, 'evaluations', '−1,500'],
])('a difference of %d in %s is %s', (value, unit, text) => {
  expect(difference(value, unit)).toBe(text);
});

it.each([
  [8.21, '8.2 s'],
  [9.99, '10.0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [125, '2 min 5 s'],
  [3840, '1 h 4 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it.each([
  [0.0004, '0.4 ms'],
  [0.012, '12 ms'],
  [3.4, '3.4 s'],
])('an instance takes %d seconds: %s', (seconds, text) => {
  expect(shortTime(seconds)).toBe(text);
});

it('writes moments in UTC, whatever the browser thinks', () => {
  expect(moment(Date.UTC(2026, 10, 22, 11, 46))).toMatch(/22 Nov 2026.*11:46/);
});

it('counts one and many', () => {
  expect([count(1, 'run'), count(2, 'run'), count(1200, 'entry', 'entries')]).toEqual([
    '1 run',
    '2 runs',
    '1,200 entries',
  ]);
});

it('calls a metric that it does not know by its own name', () => {
  expect([metricName('recall'), metricName('of-a-plugin')]).toEqual(['Recall', 'of-a-plugin']);
});

it.each([
  [3, 40, 'instances', '3 of 40 instances'],
  [1200, 4000, 'instances', '1,200 of 4,000 instances'],
  [0.0146, 1, 'rounds', '1% of 1 round'],
  [1.999, 2, 'stages', '99% of 2 stages'],
])('%d of %d %s is written in whole units', (done, total, unit, text) => {
  expect(doneOf(done, total, unit)).toBe(text);
});
