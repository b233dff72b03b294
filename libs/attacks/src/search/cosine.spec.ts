import { cosine } from './cosine';

test('a cosine schedule goes from its first value to its last, half of the way in the middle', () => {
  expect(cosine(1, 0.01, 0, 10)).toBe(1);
  expect(cosine(1, 0.01, 5, 10)).toBeCloseTo(0.505, 12);
  expect(cosine(1, 0.01, 10, 10)).toBeCloseTo(0.01, 12);
});
