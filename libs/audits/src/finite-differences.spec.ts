import { attacks } from '@rampart/attacks';
import { closedFormClassifier, describeAudit, inFront } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { finiteDifferences } from './finite-differences';
import { faulty, figure } from './planted.kit';

describeAudit(finiteDifferences, { attacks, faulty: faulty('finite-differences') });

it('compares a step with what the gradient promises, and the gradient with the mean of those around', async () => {
  const [doubt] = await inspect(finiteDifferences, await faulty('finite-differences')());
  const { ratio, left } = doubt!.evidence as { ratio: number; left: number };
  expect(doubt!.severity).toBe('high');
  expect(ratio).toBeLessThan(0.5);
  expect(left).toBeLessThan(0.5);
});

it.each([0.01, 0.02, 0.05, 0.2, 0.5])('says nothing of a smooth model at epsilon %d', async (epsilon) => {
  const subject = await figure(() => ({ attacks: [`fgs(epsilon=${epsilon})`] }));
  expect(await inspect(finiteDifferences, subject)).toEqual([]);
});

it('measures steps in l2 where the threat is', async () => {
  const subject = await figure(({ form }) => ({
    model: closedFormClassifier(
      inFront(form, { value: (x) => x + 0.004 * Math.sin(1200 * x), slope: (x) => 1 + 4.8 * Math.cos(1200 * x) }),
    ),
    attacks: ['pgd(norm=l2, epsilon=0.2)'],
  }));
  expect(await inspect(finiteDifferences, subject)).toMatchObject([{ evidence: { norm: 'l2', step: 0.05 } }]);
});

it('leaves models that draw random numbers, and estimated gradients, to others', async () => {
  expect(await inspect(finiteDifferences, await faulty('randomised')())).toEqual([]);
  const subject = await faulty('finite-differences')();
  expect(await inspect(finiteDifferences, { ...subject, estimated: true })).toEqual([]);
});
