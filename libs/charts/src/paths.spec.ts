import { bandPath, linePath } from './paths';

const x = (value: number) => 10 * value;
const y = (value: number) => 100 - 100 * value;
const POINTS = [
  [0, 1, 0.9, 1],
  [1, 0.5, 0.4, 0.6],
  [3.333, 0.25, 0.2, 0.3],
] as const;

it('draws a slope from point to point', () => {
  expect(linePath(POINTS, x, y)).toBe('M0 0L10 50L33.3 75');
});

it('keeps a value up to the next point, and the last one to the end', () => {
  expect(linePath(POINTS, x, y, { step: true })).toBe('M0 0H10V50H33.3V75');
  expect(linePath(POINTS, x, y, { step: true, end: 40 })).toBe('M0 0H10V50H33.3V75H40');
});

it('draws nothing where there are no points', () => {
  expect([linePath([], x, y), linePath([], x, y, { step: true, end: 40 }), bandPath([], x, y)]).toEqual(['', '', '']);
});

it('goes along the upper bounds and back along the lower ones', () => {
  expect(bandPath(POINTS, x, y)).toBe('M0 0L10 40L33.3 70L33.3 80L10 60L0 10Z');
  expect(bandPath(POINTS, x, y, { step: true, end: 40 })).toBe('M0 0H10V40H33.3V70H40V80H33.3V60H10V10H0Z');
});

it('has no band where a point has no interval', () => {
  expect(bandPath([...POINTS, [4, 0.1]], x, y)).toBe('');
});
