import { attacks } from '@rampart/attacks';
import { type AuditedAttack } from '@rampart/core';
import { behind, closedFormClassifier, describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { judgedOtherwise } from './judged-otherwise';
import { faulty, figure } from './planted.kit';

describeAudit(judgedOtherwise, { attacks, faulty: faulty('judged-otherwise') });

it('counts examples whose class is another one', async () => {
  const [doubt] = await inspect(judgedOtherwise, await faulty('judged-otherwise')(), { sample: 120 });
  expect(doubt).toMatchObject({ severity: 'high', evidence: { examples: 120, otherwise: 12 } });
});

it('says nothing of a tie that rounding decides, nor of a model that draws random numbers', async () => {
  const tie = await figure(({ form }) => ({
    model: closedFormClassifier(
      behind(form, (logits) => ({ values: Float64Array.of(5, 5 + 1e-6, logits[2]! - 99), pullBack: (slope) => slope })),
    ),
    change: ({ attacks: [one] }) => ({ attacks: [{ ...one!, predictions: one!.predictions.map(() => 0) }] }),
  }));
  expect(await inspect(judgedOtherwise, tie)).toEqual([]);
  const noisy = await faulty('randomised')();
  const [one] = noisy.attacks as [AuditedAttack];
  const wrong = { ...noisy, attacks: [{ ...one, predictions: one.predictions.map((label) => (label + 1) % 3) }] };
  expect(await inspect(judgedOtherwise, wrong)).toEqual([]);
});

it('finds a model whose class depends on the batch', async () => {
  const subject = await figure(({ model }) => ({
    model: {
      ...model,
      async logits(images) {
        const logits = await model.logits(images);
        return images.length === 36 ? logits.map((value) => 0 - value) : logits;
      },
    },
  }));
  expect(await inspect(judgedOtherwise, subject)).toMatchObject([{ severity: 'high' }]);
});
