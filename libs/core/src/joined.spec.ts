import { joined } from './joined';

it.each<[number[][], number[]]>([
  [[], []],
  [
    [[1, 2], [], [3]],
    [1, 2, 3],
  ],
])('%j as one', (parts, whole) => {
  expect([...joined(parts.map((part) => Float32Array.from(part)))]).toEqual(whole);
});
