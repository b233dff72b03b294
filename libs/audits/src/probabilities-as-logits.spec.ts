import { attacks } from '@rampart/attacks';
import { behind, closedFormClassifier, describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure, softmaxed } from './planted.kit';
import { probabilitiesAsLogits } from './probabilities-as-logits';

describeAudit(probabilitiesAsLogits, { attacks, faulty: faulty('probabilities-as-logits') });

const percents = (logits: Float64Array) => {
  const { values, pullBack } = softmaxed(logits);
  return { values: values.map((value) => 100 * value), pullBack };
};

it.each([
  ['1', softmaxed, 1],
  ['100', percents, 100],
])('finds rows that sum to %s', async (_sum, head, sum) => {
  const subject = await figure(({ form }) => ({ model: closedFormClassifier(behind(form, head)) }));
  const [doubt] = await inspect(probabilitiesAsLogits, subject);
  expect(doubt).toMatchObject({ severity: 'high', evidence: { images: 64 } });
  expect(doubt!.evidence['sum']).toBeCloseTo(sum, 4);
});

it('says nothing of logits that are never below 0 and have no sum in common, nor of a constant model', async () => {
  const positive = await figure(({ form }) => ({
    model: closedFormClassifier(
      behind(form, (logits) => ({ values: logits.map((value) => value + 20), pullBack: (slope) => slope })),
    ),
  }));
  expect(await inspect(probabilitiesAsLogits, positive)).toEqual([]);
  const constant = await figure(({ form }) => ({
    model: closedFormClassifier(
      behind(form, (logits) => ({ values: logits.map((_, j) => j / 3), pullBack: (slope) => slope.map(() => 0) })),
    ),
  }));
  expect(await inspect(probabilitiesAsLogits, constant)).toEqual([]);
});
