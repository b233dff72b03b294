import { readSeeds } from './seeds';

it.each([
  ['1', [1]],
  ['1, 4', [1, 4]],
  ['1..3,7', [1, 2, 3, 7]],
  ['3..1', undefined],
  ['a', undefined],
  ['', undefined],
])('reads the seeds %s', (text, seeds) => {
  expect(readSeeds(text)).toEqual(seeds);
});
