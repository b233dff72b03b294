import { between, moved, zoomed } from './zoom';

const axis = { whole: [0, 10] } as const;
const log = { whole: [1, 10_000], log: true } as const;

it('zooms in around the middle, or a place that stays where it was', () => {
  expect(zoomed([0, 10], axis, 2)).toEqual([2.5, 7.5]);
  expect(zoomed([0, 10], axis, 2, 2)).toEqual([1, 6]);
  expect(zoomed([0, 10], axis, 2, 0)).toEqual([0, 5]);
});

it('zooms out up to the whole, which needs no name', () => {
  expect(zoomed([2.5, 7.5], axis, 1 / 2)).toBeUndefined();
  expect(zoomed([4, 6], axis, 1 / 2)).toEqual([3, 7]);
  expect(zoomed([8, 10], axis, 1 / 2)).toEqual([7, 10]);
});

it('moves within the whole, and keeps the width', () => {
  expect(moved([2, 4], axis, 0.5)).toEqual([3, 5]);
  expect(moved([7, 9], axis, 2)).toEqual([8, 10]);
  expect(moved([1, 3], axis, -2)).toEqual([0, 2]);
});

it('takes what lies between two places, also beyond the ends and backwards', () => {
  expect(between(6, 3, axis)).toEqual([3, 6]);
  expect(between(-5, 4, axis)).toEqual([0, 4]);
  expect(between(-5, 40, axis)).toBeUndefined();
});

it('shows something of the axis however often it is zoomed', () => {
  let shown: readonly [number, number] = [0, 10];
  for (let turn = 0; turn < 100; turn++) shown = zoomed(shown, axis, 2, 3) ?? shown;
  expect(shown[1] - shown[0]).toBeGreaterThan(0);
  expect(shown[0]).toBeLessThanOrEqual(3);
  expect(shown[1]).toBeGreaterThanOrEqual(3);
});

it('zooms in equal factors where an axis is logarithmic', () => {
  const [from, to] = zoomed([1, 10_000], log, 2)!;
  expect(from).toBeCloseTo(10, 9);
  expect(to).toBeCloseTo(1000, 9);
});
