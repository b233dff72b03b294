import { sharedFloats } from '@rampart/core';

import { giveBackUnusedMemory } from './unused-memory';

it('lets a process that shares memory again and again hold what it uses, and not what it has used', () => {
  const piece = 2 ** 24;
  giveBackUnusedMemory();
  const before = process.memoryUsage.rss();
  let most = 0;
  for (let round = 0; round < 12; round++) {
    sharedFloats(piece).fill(round);
    giveBackUnusedMemory();
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  // The one of the last round, perhaps, and one that was to be collected.
  expect(most).toBeLessThan(3 * 4 * piece);
});
