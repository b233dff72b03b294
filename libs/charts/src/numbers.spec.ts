import { short, widened } from './numbers';

it.each([
  [0, '0'],
  [0.0004, '4.0e-4'],
  [0.12345, '0.123'],
  [12.3456, '12.3'],
  [-999.5, '-1000'],
  [12345.6, '12,346'],
])('%d on an axis is %s', (value, text) => {
  expect(short(value)).toBe(text);
});

it('gives a single value some room', () => {
  expect(widened(2, 3)).toEqual([2, 3]);
  expect(widened(0, 0)).toEqual([0, 1]);
  expect(widened(10, 10)).toEqual([9, 11]);
});
