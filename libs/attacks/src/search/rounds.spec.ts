import type { AttackInstance } from '@rampart/core';

import { inRounds, type Round, startOf } from './rounds';

/** As much of an instance as rounds look at. */
function instanceOf(classes: number, run = 0): AttackInstance {
  const rivals = Int32Array.from({ length: classes - 1 }, (_, j) => j + 1);
  return { run, rivals: () => Promise.resolve(rivals) } as unknown as AttackInstance;
}

async function roundsOf(instance: AttackInstance, options: { steps: number; rounds: number }): Promise<Round[]> {
  const rounds: Round[] = [];
  await inRounds(instance, options, (round) => Promise.resolve(void rounds.push(round)));
  return rounds;
}

test('all steps are shared out, in pairs of an original and a random start', async () => {
  const rounds = await roundsOf(instanceOf(10), { steps: 1000, rounds: 6 });
  expect(rounds.map(({ steps }) => steps)).toEqual([167, 167, 167, 167, 166, 166]);
  expect(rounds.map(({ random }) => random)).toEqual([false, true, false, true, false, true]);
});

test('pairs aim at the likeliest classes and at whichever is nearest', async () => {
  const aims = async (rounds: number) =>
    (await roundsOf(instanceOf(10), { steps: 2000, rounds })).map(({ rival }) => rival);
  expect(await aims(2)).toEqual([undefined, undefined]);
  expect(await aims(4)).toEqual([1, 1, 2, 2]);
  expect(await aims(8)).toEqual([1, 1, 2, 2, undefined, undefined, 3, 3]);
});

test('one class to aim at makes one pair, few steps make one round, and a further run starts at random', async () => {
  expect(await roundsOf(instanceOf(2), { steps: 1000, rounds: 6 })).toHaveLength(2);
  expect(await roundsOf(instanceOf(10), { steps: 40, rounds: 6 })).toEqual([
    { steps: 40, random: false, rival: undefined },
  ]);
  expect((await roundsOf(instanceOf(10, 1), { steps: 300, rounds: 6 })).every(({ random }) => random)).toBe(true);
});

test('a random start is anywhere in the bounds, where features may move at all', () => {
  const instance = {
    original: Float32Array.of(0.5, 0.5),
    bounds: { lower: Float32Array.of(0, 0.5), upper: Float32Array.of(1, 0.5) },
    rng: { uniform: () => 0.9 },
  } as unknown as AttackInstance;
  expect(Array.from(startOf({ steps: 1, random: false, rival: undefined }, instance))).toEqual([0.5, 0.5]);
  const start = startOf({ steps: 1, random: true, rival: undefined }, instance);
  expect(start[0]).toBeCloseTo(0.9, 6);
  expect(start[1]).toBe(0.5);
});
