import type { LeaderboardRow } from '@rampart/api';

import { filtered, filtersOf, sorted, sortingOf } from './ranked-rows';

const share = (value: number) => ({ value, low: value, high: value });

function row(model: string, of: Partial<LeaderboardRow> = {}): LeaderboardRow {
  return {
    run: { id: '1', name: 'A run', startedAt: 0, tags: ['Nightly'] },
    ...{ model, undefended: model === 'lenet5', attacks: ['fgs(epsilon=0.1)', 'cg'], doubts: [] },
    ...{ cleanAccuracy: share(1), robustAccuracy: share(0.5), attackable: 10 },
    ...of,
  };
}

const rows = [
  row('lenet5', { robustAccuracy: share(0.1), gradients: 3 }),
  row('rad', { robustAccuracy: share(0.9), doubts: ['chance'] }),
  row('Distillation', { robustAccuracy: share(0.5) }),
];
const names = (some: readonly LeaderboardRow[]) => some.map(({ model }) => model);
const sortedBy = (address: string) => names(sorted(rows, sortingOf(new URLSearchParams(address))));
const leftBy = (address: string) => names(filtered(rows, filtersOf(new URLSearchParams(address))));

it('has the most robust first, and names from A on, whatever their case, where no direction is asked for', () => {
  expect(sortedBy('')).toEqual(['rad', 'Distillation', 'lenet5']);
  expect(sortedBy('dir=asc')).toEqual(['lenet5', 'Distillation', 'rad']);
  expect(sortedBy('order=model')).toEqual(['Distillation', 'lenet5', 'rad']);
  expect(sortedBy('order=nothing')).toEqual(sortedBy(''));
});

it('has those without a figure last, and equal ones as they came', () => {
  expect(sortedBy('order=cost')).toEqual(['lenet5', 'rad', 'Distillation']);
  expect(sortedBy('order=clean&dir=asc')).toEqual(names(rows));
});

it('leaves the rows that have a text in model, run, attacks or tags, in any case', () => {
  expect(leftBy('search=DIST')).toEqual(['Distillation']);
  for (const all of ['a run', 'cg', 'nightly', '']) expect(leftBy(`search=${all}`)).toEqual(names(rows));
  expect(leftBy('search=adam')).toEqual([]);
});

it('leaves out what has no defense, and what is in doubt, where asked to', () => {
  expect(leftBy('defended=1')).toEqual(['rad', 'Distillation']);
  expect(leftBy('established=1')).toEqual(['lenet5', 'Distillation']);
  expect(leftBy('defended=1&established=1&search=rad')).toEqual([]);
});
