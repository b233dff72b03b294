import { attacks } from '@rampart/attacks';
import { type AuditSubject } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { noProgress } from './no-progress';
import { faulty, figure } from './planted.kit';

describeAudit(noProgress, { attacks, faulty: faulty('no-progress') });

/** The figure with the examples of its attack put back to what they were. */
async function unmoved(attack: string, instances: number): Promise<AuditSubject> {
  return figure(() => ({
    attacks: [attack],
    change: ({ attacks: [one], attackable, images }) => {
      const examples = one!.examples.slice();
      for (const position of attackable.filter((at) => one!.evades[at] === 0).subarray(0, instances)) {
        const original = images(Int32Array.of(position));
        examples.set(original, position * original.length);
      }
      return { attacks: [{ ...one!, examples }] };
    },
  }));
}

it('counts instances that were given back as they were', async () => {
  const subject = await unmoved('pgd(epsilon=0.02)', 20);
  expect(await inspect(noProgress, subject)).toMatchObject([
    { severity: 'high', evidence: { attackable: 116, unmoved: 20 }, attack: 'pgd(epsilon=0.02)' },
  ]);
  expect(await inspect(noProgress, subject, { above: 0.2 })).toEqual([]);
});

it('takes it less seriously of an attack without gradients, and has nothing to say where there is no ball', async () => {
  expect(await inspect(noProgress, await unmoved('square(epsilon=0.02, queries=50)', 20))).toMatchObject([
    { severity: 'medium' },
  ]);
  expect(await inspect(noProgress, await unmoved('adam(iterations=2)', 20))).toEqual([]);
});
