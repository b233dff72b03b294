import { attacks } from '@rampart/attacks';
import { type AuditedAttack, type AuditSubject } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { noProgress } from './no-progress';
import { faulty, figure, withExamples } from './planted.kit';

describeAudit(noProgress, { attacks, faulty: faulty('no-progress') });

/** The figure with the examples of its attack put back to what they were. */
async function unmoved(attack: string, instances: number): Promise<AuditSubject> {
  return figure(() => ({
    attacks: [attack],
    change: ({ attacks: [one], attackable, images }) => {
      const back = attackable.filter((at) => one!.evades[at] === 0).subarray(0, instances);
      return { attacks: [withExamples(one!, back, (_, position) => images(Int32Array.of(position)))] };
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

it('takes it less seriously of an attack without gradients', async () => {
  expect(await inspect(noProgress, await unmoved('square(epsilon=0.02, queries=50)', 20))).toMatchObject([
    { severity: 'medium' },
  ]);
});

it('needs no ball, and says nothing of attacks that look for the nearest example', async () => {
  const [doubt] = await inspect(noProgress, await unmoved('adam(iterations=1, learningRate=0.001)', 20));
  expect(doubt).toMatchObject({ severity: 'high', evidence: { unmoved: 20 } });
  expect(doubt).not.toHaveProperty('threat');
  const subject = await unmoved('fmn(norm=linf)', 0);
  const [one] = subject.attacks as [AuditedAttack];
  const failed = {
    ...one,
    evades: one.evades.map(() => 0),
    examples: async (rows: Int32Array) => subject.images(rows),
  };
  expect(await inspect(noProgress, { ...subject, attacks: [failed] })).toEqual([]);
});
