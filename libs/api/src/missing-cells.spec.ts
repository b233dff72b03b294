import type { RunStepState } from '@rampart/results';

import { failuresOf } from './failures';
import { missingCells } from './missing-cells';

const steps = (labels: readonly string[]): RunStepState[] =>
  labels.map((label, position) => {
    const finished = label.startsWith('+');
    const name = label.replace(/^\+/, '');
    return {
      key: String(position),
      kind: name.split(' ')[0]!,
      label: name,
      position,
      finishedAt: finished ? 1 : undefined,
      seconds: undefined,
    };
  });

const RAD = 'rad(attack=fgs(epsilon=0.1), rounds=1)';
const plan = steps([
  '+train lenet5',
  '+evaluate lenet5 under none',
  'attack lenet5 with cg (1 of 2)',
  'attack lenet5 with cg (2 of 2)',
  'evaluate lenet5 under cg',
  `harden lenet5 by ${RAD}`,
  `evaluate ${RAD} under none`,
  `evaluate ${RAD} under cg of lenet5`,
  `attack ${RAD} with cg`,
  `evaluate ${RAD} under cg`,
]);
const said = (label: string, why: string) => `Step "${label}" failed: ${why}`;

it('a failed attack is missing wherever its examples are, with the reason', () => {
  const error = [said('attack lenet5 with cg (2 of 2)', 'no way on'), said(`attack ${RAD} with cg`, 'gone')].join('\n');
  expect(missingCells({ error }, plan, [])).toEqual([
    { model: 'lenet5', attack: 'cg', mode: 'static', reason: 'no way on' },
    { model: 'lenet5', attack: 'cg', mode: 'adaptive', reason: 'no way on' },
    { model: RAD, attack: 'none', mode: 'clean', reason: undefined },
    { model: RAD, attack: 'cg', mode: 'static', reason: 'no way on' },
    { model: RAD, attack: 'cg', mode: 'adaptive', reason: 'gone' },
  ]);
});

it('what a defense that failed was to be measured by is missing for its reason', () => {
  const error = said(`harden lenet5 by ${RAD}`, 'the loss is not finite');
  const reasons = missingCells({ error }, plan, []).filter(({ model }) => model === RAD);
  expect(reasons.map(({ attack, mode, reason }) => [attack, mode, reason])).toEqual([
    ['none', 'clean', 'the loss is not finite'],
    ['cg', 'static', 'the loss is not finite'],
    ['cg', 'adaptive', 'the loss is not finite'],
  ]);
});

it('nothing is missing that one seed has', () => {
  const seeds = steps(['+evaluate lenet5 under cg, seed 1', 'evaluate lenet5 under cg, seed 2']);
  const cells = (['static', 'adaptive'] as const).map((mode) => ({ model: 'lenet5', attack: 'cg', mode }));
  expect(missingCells({ error: undefined }, seeds, cells)).toEqual([]);
});

it('each reason is told once, with all its steps, over several lines as well', () => {
  const error = [
    said('attack lenet5 with cg (1 of 2)', 'first line\nsecond line'),
    said('attack lenet5 with cg (2 of 2)', 'first line\nsecond line'),
  ].join('\n');
  expect(failuresOf({ error }, plan)).toEqual([
    {
      reason: 'first line\nsecond line',
      steps: ['attack lenet5 with cg (1 of 2)', 'attack lenet5 with cg (2 of 2)'],
    },
  ]);
});

it('what was to be attacked naively, and by examples of a third model, is missing under the names of its cells', () => {
  const planned = steps([
    '+evaluate lenet5 under none',
    'attack jpeg with cg, naive',
    'evaluate jpeg under cg, naive, seed 2',
    `evaluate jpeg under cg of ${RAD}, seed 2`,
    'evaluate jpeg under cg of lenet5, seed 2',
  ]);
  expect(missingCells({ error: said('attack jpeg with cg, naive', 'gone') }, planned, [])).toMatchObject([
    { model: 'jpeg', attack: 'cg', mode: 'naive' },
    { model: 'jpeg', attack: `cg of ${RAD}`, mode: 'transfer' },
    { model: 'jpeg', attack: 'cg', mode: 'static' },
  ]);
});
