import { feasibleOf, type SampleKind, type TableFeature, unitsOf } from './sample-kind';

const feature = (name: string, more: Partial<TableFeature> = {}): TableFeature => ({
  name,
  values: 'number',
  min: 0,
  max: 1,
  fixed: false,
  ...more,
});
const table: SampleKind = {
  kind: 'table',
  features: [
    feature('age', { values: 'integer', min: 18, max: 68 }),
    feature('sex', { fixed: true }),
    feature('job=a', { values: 'category', column: 'job' }),
    feature('job=b', { values: 'category', column: 'job' }),
    feature('income', { min: -10, max: 90 }),
  ],
};

describe('the kind of samples', () => {
  it('tells the units of a table, and nothing of what has none', () => {
    expect(unitsOf(table)).toEqual({ scale: [50, 1, 1, 1, 100], shift: [18, 0, 0, 0, -10] });
    expect(unitsOf(undefined)).toBeUndefined();
    expect(unitsOf({ kind: 'sound', rate: 16_000 })).toBeUndefined();
  });

  it('tells what an attacker may change: steps of whole numbers, groups of categories, nothing that is fixed', () => {
    expect(feasibleOf(table)).toEqual({
      frozen: Uint8Array.of(0, 1, 0, 0, 0),
      steps: Float64Array.of(1 / 50, 0, 0, 0, 0),
      groups: [[2, 3]],
    });
    expect(feasibleOf({ kind: 'sound', rate: 8000 })).toBeUndefined();
    expect(feasibleOf({ kind: 'table', features: [feature('a')] })).toEqual({});
  });
});
