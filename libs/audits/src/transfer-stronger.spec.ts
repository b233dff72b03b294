import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty } from './planted.kit';
import { transferStronger } from './transfer-stronger';

describeAudit(transferStronger, { attacks, faulty: faulty('transfer-stronger') });

it('compares at one threat at a time', async () => {
  const subject = await faulty('transfer-stronger')();
  expect(await inspect(transferStronger, subject)).toMatchObject([{ severity: 'high', threat: 'linf(0.02)' }]);
  const threats = [{ norm: 'l2', epsilon: 0.02 } as const];
  expect(await inspect(transferStronger, { ...subject, threats })).toEqual([]);
  expect(await inspect(transferStronger, { ...subject, attacks: [] })).toEqual([]);
});

it('says nothing of a lead that may be chance', async () => {
  const subject = await faulty('transfer-stronger')();
  expect(await inspect(transferStronger, subject, { significance: 1e-12 })).toEqual([]);
  expect(await inspect(transferStronger, subject, { lead: 0.5 })).toEqual([]);
});
