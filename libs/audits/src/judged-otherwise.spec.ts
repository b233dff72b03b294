import { attacks } from '@rampart/attacks';
import { type AuditedAttack, logitsOfScores, REJECTED } from '@rampart/core';
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

it('counts examples that are rejected here and not there', async () => {
  // The rejection's score is 3 wherever the first class is below 0: ahead of all classes there.
  const planted = (decided: (label: number, rejected: boolean) => number) =>
    figure(({ model }) => {
      const scores = async (images: Float32Array) => {
        const logits = await model.logits(images);
        const { classes } = model;
        const rows = Array.from({ length: logits.length / classes }, (_, i) =>
          logits.slice(i * classes, (i + 1) * classes),
        );
        return Float32Array.from(
          rows.flatMap((row) => [...row, row[0]! < 0 ? Math.max(...row) + 3 : Math.min(...row) - 3]),
        );
      };
      const rejecting = { ...model, rejects: true, scores };
      return {
        model: { ...rejecting, logits: async (images) => logitsOfScores(await scores(images), model.classes) },
        change: ({ attacks: [one] }) => ({
          attacks: [{ ...one!, predictions: one!.predictions.map((label) => decided(label, label === REJECTED)) }],
        }),
      };
    });
  const same = await planted((label) => label);
  expect(same.attacks[0]!.predictions).toContain(REJECTED);
  expect(await inspect(judgedOtherwise, same)).toEqual([]);
  const taken = await planted((label, rejected) => (rejected ? 0 : label));
  expect(await inspect(judgedOtherwise, taken)).toMatchObject([{ severity: 'high' }]);
  const rejected = await planted(() => REJECTED);
  expect(await inspect(judgedOtherwise, rejected)).toMatchObject([{ severity: 'high' }]);
});
