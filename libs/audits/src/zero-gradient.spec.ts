import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty } from './planted.kit';
import { zeroGradient } from './zero-gradient';

describeAudit(zeroGradient, { attacks, faulty: faulty('zero-gradient') });

it('counts the instances, and is serious while anything is left robust', async () => {
  const subject = await faulty('zero-gradient')();
  const [doubt] = await inspect(zeroGradient, subject);
  const { sample, zero } = doubt!.evidence as { sample: number; zero: number };
  const bright = subject.attackable.filter((position) => subject.images(Int32Array.of(position))[0]! > 0.35).length;
  expect(sample).toBe(64);
  expect(zero / sample).toBeCloseTo(bright / subject.attackable.length, 1);
  expect(doubt!.severity).toBe('high');
  const [attack] = subject.attacks as [AuditedAttack];
  const broken = { ...subject, attacks: [{ ...attack, evades: attack.evades.map(() => 1) }] };
  expect(await inspect(zeroGradient, broken)).toMatchObject([{ severity: 'low' }]);
});

it('says nothing of fewer than it is told to, nor of gradients that are estimated', async () => {
  const subject = await faulty('zero-gradient')();
  expect(await inspect(zeroGradient, subject, { above: 0.3 })).toEqual([]);
  expect(await inspect(zeroGradient, { ...subject, estimated: true })).toEqual([]);
});
