import { attacks } from '@rampart/attacks';
import { behind, closedFormClassifier, describeAudit } from '@rampart/testing';

import { inspect } from './inspect.kit';
import { faulty, figure, scaled } from './planted.kit';
import { saturatedLoss } from './saturated-loss';

describeAudit(saturatedLoss, { attacks, faulty: faulty('saturated-loss') });

it.each([
  ['nothing of logits that differ by up to 50', 10, []],
  ['that it is serious for logits that differ by thousands', 1000, ['high']],
])('says %s', async (_what, factor, severities) => {
  const subject = await figure(({ form }) => ({ model: closedFormClassifier(behind(form, scaled(factor))) }));
  const model = (await subject.open())!;
  const logits = await model.logits(subject.test.images.data);
  const widest = Math.max(...logits) - Math.min(...logits);
  expect(widest > 50).toBe(factor > 10);
  expect((await inspect(saturatedLoss, subject)).map(({ severity }) => severity)).toEqual(severities);
});

it('is no more than worth knowing beside an attack on another loss', async () => {
  const doubts = await inspect(saturatedLoss, await faulty('no-progress')());
  expect(doubts).toMatchObject([{ severity: 'low' }]);
});

it.each([
  ['fgs(epsilon=0.02)', 'high'],
  ['bim(epsilon=0.02)', 'high'],
  ['bim(epsilon=0.02, loss=dlr)', 'low'],
])('knows what %s follows', async (attack, severity) => {
  const subject = await figure(({ form }) => ({
    model: closedFormClassifier(behind(form, scaled(5000))),
    attacks: [attack],
  }));
  expect(await inspect(saturatedLoss, subject)).toMatchObject([{ severity }]);
});
