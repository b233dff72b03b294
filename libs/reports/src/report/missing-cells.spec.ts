import type { RunStepState } from '@rampart/results';

import { failuresOf } from './failures';
import { failedStepsOf, missingCells } from './missing-cells';

type Cell = NonNullable<RunStepState['cells']>[number];

/** A plan from labels, `+` before those that are finished, each with what it waits for and fills. */
const steps = (planned: readonly (readonly [label: string, needs?: readonly number[], cells?: Cell[]])[]) =>
  planned.map(([label, needs = [], cells = []], position): RunStepState => {
    const name = label.replace(/^\+/, '');
    return {
      ...{ key: String(position), kind: name.split(' ')[0]!, label: name, position, needs, cells },
      finishedAt: label.startsWith('+') ? 1 : undefined,
      seconds: undefined,
    };
  });

const RAD = 'rad(attack=fgs(epsilon=0.1), rounds=1)';
const cell = (model: string, attack: string, mode: Cell['mode']): Cell => ({ model, attack, mode });
const plan = steps([
  ['+train lenet5'],
  ['+evaluate lenet5 under none', [0], [cell('lenet5', 'none', 'clean')]],
  ['attack lenet5 with cg (1 of 2)', [0]],
  ['attack lenet5 with cg (2 of 2)', [0]],
  ['evaluate lenet5 under cg', [0, 2, 3], [cell('lenet5', 'cg', 'static'), cell('lenet5', 'cg', 'adaptive')]],
  [`harden lenet5 by ${RAD}`, [0]],
  [`evaluate ${RAD} under none`, [5], [cell(RAD, 'none', 'clean')]],
  [`evaluate ${RAD} under cg of lenet5`, [5, 2, 3], [cell(RAD, 'cg', 'static')]],
  [`attack ${RAD} with cg`, [5]],
  [`evaluate ${RAD} under cg`, [5, 8], [cell(RAD, 'cg', 'adaptive')]],
  [`worst-case of ${RAD}`, [9], [cell(RAD, 'worst-case', 'adaptive')]],
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
  expect([...failedStepsOf('cg', { error }, plan)]).toEqual([
    'attack lenet5 with cg (2 of 2)',
    `attack ${RAD} with cg`,
  ]);
  expect([...failedStepsOf('fgs', { error }, plan)]).toEqual([]);
});

it('what a defense that failed was to be measured by is missing for its reason', () => {
  const error = said(`harden lenet5 by ${RAD}`, 'the loss is not finite');
  const reasons = missingCells({ error }, plan, []).filter(({ model }) => model === RAD);
  expect(reasons.map(({ attack, mode, reason }) => [attack, mode, reason])).toEqual([
    ['none', 'clean', 'the loss is not finite'],
    ['cg', 'static', 'the loss is not finite'],
    ['cg', 'adaptive', 'the loss is not finite'],
  ]);
  expect([...failedStepsOf('cg', { error }, plan)]).toEqual([`harden lenet5 by ${RAD}`]);
});

it('nothing is missing that one seed has, nor what an older version planned without a word', () => {
  const cells = (['static', 'adaptive'] as const).map((mode) => cell('lenet5', 'cg', mode));
  const seeds = steps([
    ['+evaluate lenet5 under cg, seed 1', [], cells],
    ['evaluate lenet5 under cg, seed 2', [], cells],
  ]);
  expect(missingCells({ error: undefined }, seeds, cells)).toEqual([]);
  const older = plan.map((step): RunStepState => ({ ...step, cells: undefined, needs: undefined }));
  expect(missingCells({ error: undefined }, older, [])).toEqual([]);
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
