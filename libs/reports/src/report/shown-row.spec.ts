import type { TableFeature } from '@rampart/core';

import { rowOf } from './shown-row';

const feature = (name: string, more: Partial<TableFeature>): TableFeature => ({
  ...{ name, values: 'number', min: 0, max: 1, fixed: false },
  ...more,
});

const FEATURES = [
  feature('age', { values: 'integer', min: 18, max: 68 }),
  feature('job=clerk', { values: 'category', column: 'job' }),
  feature('income', { min: 0, max: 9000 }),
  feature('job=cook', { values: 'category', column: 'job' }),
  feature('home_own', { values: 'category', column: 'home' }),
  feature('home_rent', { values: 'category', column: 'home' }),
];

it('shows a row in the columns and units of its table, and what of it changed', () => {
  const row = rowOf(FEATURES, Float32Array.of(0.5, 1, 0.25, 0, 0, 1), Float32Array.of(0.52, 0, 0.25, 1, 0, 1));
  expect(row).toEqual({
    kind: 'row',
    scale: 1,
    cells: [
      { name: 'age', original: '43', adversarial: '44', changed: true, difference: '+1' },
      { name: 'job', original: 'clerk', adversarial: 'cook', changed: true },
      { name: 'income', original: '2250', adversarial: '2250', changed: false, difference: '0' },
      { name: 'home', original: 'rent', adversarial: 'rent', changed: false },
    ],
  });
});

it('gives six digits of a range, however small or large it is', () => {
  const cells = (max: number, value: number) =>
    rowOf([feature('x', { max })], Float32Array.of(value), Float32Array.of(value)).cells[0]!.original;
  expect(cells(1, 0.123456789)).toBe('0.12346');
  expect(cells(1e6, 0.5)).toBe('500000');
  expect(cells(1e-6, 0.5)).toBe('5e-7');
});
