import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure } from './planted.kit';
import { tooFewInstances } from './too-few-instances';

describeAudit(tooFewInstances, { attacks, faulty: faulty('too-few-instances') });

it('is serious where there was nothing to attack', async () => {
  const subject = await figure();
  expect(await inspect(tooFewInstances, { ...subject, attackable: new Int32Array() })).toMatchObject([
    { severity: 'high' },
  ]);
});

it('looks at replayed examples in a static figure', async () => {
  const subject = await faulty('static-alone')();
  expect(await inspect(tooFewInstances, subject)).toEqual([]);
  const few = { ...subject, attackable: subject.attackable.slice(0, 20) };
  expect(await inspect(tooFewInstances, few)).toMatchObject([{ severity: 'medium', threat: 'linf(0.02)' }]);
});

it('asks for an interval as narrow as it is told to', async () => {
  const subject = await figure();
  expect(await inspect(tooFewInstances, subject)).toEqual([]);
  expect(await inspect(tooFewInstances, subject, { halfWidth: 0.05 })).toMatchObject([{ severity: 'medium' }]);
});
