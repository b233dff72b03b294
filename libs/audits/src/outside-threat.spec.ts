import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { outsideThreat } from './outside-threat';
import { faulty, figure, withExamples } from './planted.kit';

describeAudit(outsideThreat, { attacks, faulty: faulty('outside-threat') });

/** The figure with another first pixel in an evading example. */
const changed = (first: (value: number) => number) =>
  figure(() => ({
    change: ({ attacks: [one], attackable }) => {
      const position = attackable.find((at) => one!.evades[at] === 1)!;
      return {
        attacks: [withExamples(one!, Int32Array.of(position), (example) => example.with(0, first(example[0]!)))],
      };
    },
  }));

it.each<[string, (value: number) => number]>([
  ['farther than epsilon', (value) => (value > 0 ? -0.4 : 0.4)],
  ['outside the box', () => 0.6],
  ['that are no numbers', () => NaN],
])('finds examples %s', async (_what, change) => {
  const [doubt] = await inspect(outsideThreat, await changed(change));
  expect(doubt).toMatchObject({ severity: 'high', attack: 'pgd(epsilon=0.02)', evidence: { outside: 1 } });
});

it('lets rounding pass, and examples that do not evade', async () => {
  expect(await inspect(outsideThreat, await changed((value) => value + 5e-7))).toEqual([]);
  const subject = await figure(() => ({
    change: ({ attacks: [one] }) => ({
      attacks: [
        {
          ...withExamples(one!, Int32Array.from(one!.evades.keys()), (example) => example.fill(9)),
          evades: one!.evades.map(() => 0),
        },
      ],
    }),
  }));
  expect(await inspect(outsideThreat, subject)).toEqual([]);
});
