import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { outsideThreat } from './outside-threat';
import { faulty, figure } from './planted.kit';

describeAudit(outsideThreat, { attacks, faulty: faulty('outside-threat') });

const changed = (change: (examples: Float32Array, from: number) => void) =>
  figure(() => ({
    change: ({ attacks: [one], attackable, shape }) => {
      const examples = one!.examples.slice();
      const position = attackable.find((at) => one!.evades[at] === 1)!;
      change(examples, position * shape.width * shape.height);
      return { attacks: [{ ...one!, examples }] };
    },
  }));

it.each<[string, (examples: Float32Array, from: number) => void]>([
  ['farther than epsilon', (examples, from) => (examples[from] = examples[from]! > 0 ? -0.4 : 0.4)],
  ['outside the box', (examples, from) => (examples[from] = 0.6)],
  ['that are no numbers', (examples, from) => (examples[from] = NaN)],
])('finds examples %s', async (_what, change) => {
  const [doubt] = await inspect(outsideThreat, await changed(change));
  expect(doubt).toMatchObject({ severity: 'high', attack: 'pgd(epsilon=0.02)', evidence: { outside: 1 } });
});

it('lets rounding pass, and examples that do not evade', async () => {
  expect(await inspect(outsideThreat, await changed((examples, from) => (examples[from]! += 5e-7)))).toEqual([]);
  const subject = await figure(() => ({
    change: ({ attacks: [one] }) => ({
      attacks: [{ ...one!, examples: one!.examples.map(() => 9), evades: one!.evades.map(() => 0) }],
    }),
  }));
  expect(await inspect(outsideThreat, subject)).toEqual([]);
});
