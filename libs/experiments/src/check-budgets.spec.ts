import { PUBLICATION_BOX } from '@rampart/core';

import { checkBudgets } from './check-budgets';
import { type Experiment, parseExperiment } from './experiment';

const asking = (what: string): Experiment =>
  parseExperiment(`name: budgets\ndataset: mnist\nmodels: [lenet5]\n${what}\n`, 'budgets.yaml');

it.each([
  ['attacks: [cg, fgs(epsilon=300)]', /^fgs\(epsilon=300\): an epsilon of 300 reaches every sample.*at most 1, in/],
  ['attacks: [fgs(epsilon=8)]', /of 8-bit pixels 8 is 8\/255/],
  ['threats: [linf(8)]', /^linf\(8\): an epsilon of 8 .*8\/255/],
])('refuses a budget that reaches every sample: %s', (what, message) => {
  expect(() => checkBudgets(asking(what), { box: PUBLICATION_BOX })).toThrow(message);
});

it.each(['attacks: [cg, fgs(epsilon=1)]', 'threats: [linf(8/255), l2(12), l0(20), l1(30)]'])('takes %s', (what) => {
  expect(() => checkBudgets(asking(what), { box: PUBLICATION_BOX })).not.toThrow();
});
