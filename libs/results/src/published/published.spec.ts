import type { CellMode, CellRecord } from '../records';
import { CLAIMS, judgeClaims } from './claims';
import { publishedFigure, publishedLabels } from './lookup';
import { PUBLISHED_TABLES, type PublishedDataset } from './tables';

/** The publication's own figures as if a run had measured them. */
function publishedCells(dataset: PublishedDataset): CellRecord[] {
  return PUBLISHED_TABLES.filter((table) => table.dataset === dataset).flatMap((table) =>
    table.rows.flatMap((row) =>
      row.figures.map((figure, column): CellRecord => {
        const attack = table.attacks[column]!;
        const mode: CellMode = attack === 'none' ? 'clean' : table.mode;
        const value = table.metric === 'error-rate' ? figure / 100 : figure;
        const model = row.model === 'rad(*)' ? 'rad(attack=adam)' : row.model;
        const base = { runId: 'r', seed: 1, unit: '', count: 1, attackStep: undefined, evaluateStep: 'e' };
        return { ...base, model, attack, mode, metric: table.metric, value, low: value, high: value };
      }),
    ),
  );
}

describe('the publication', () => {
  it('has a figure for every column of every row', () => {
    for (const table of PUBLISHED_TABLES) {
      for (const row of table.rows) expect([table.id, row.figures.length]).toEqual([table.id, table.attacks.length]);
    }
  });

  it.each([
    ['mnist', 'lenet5', 'fgs(epsilon=0.5)', 'static', 'error-rate', 0.461],
    ['mnist', 'lenet5', 'cg', 'adaptive', 'error-rate', 0.482],
    ['mnist', 'rad(attack=adam)', 'cg', 'static', 'error-rate', 0.001],
    ['mnist', 'rad(attack=adam)', 'cg', 'adaptive', 'error-rate', 0.402],
    ['mnist', 'rad(attack=fgs(epsilon=0.1))', 'none', 'clean', 'error-rate', 0.00045],
    ['cifar10', 'distillation(temperature=100)', 'adam', 'adaptive', 'error-rate', 0.541],
    ['mnist', 'rad(attack=fgs(epsilon=0.1))', 'adam', 'adaptive', 'distortion', 0.006],
    ['mnist', 'iaec(attack=cg)', 'cg', 'adaptive', 'distortion', 0.0069],
    ['mnist', 'lenet5', 'cg', 'static', 'distortion', 0.0118],
  ] as const)('on %s has for %s under %s, %s, the %s %d', (dataset, model, attack, mode, metric, value) => {
    expect(publishedFigure(dataset, { model, attack, mode, metric })?.value).toBeCloseTo(value, 10);
  });

  it.each([
    [undefined, 'lenet5', 'cg', 'static'],
    ['mnist', 'rad(attack=adam, rounds=3)', 'cg', 'static'],
    ['mnist', 'aec(attack=adam)', 'cg', 'adaptive'],
    ['mnist', 'lenet5', 'pgd', 'static'],
    ['mnist', 'lenet5', 'none', 'static'],
  ] as const)('on %s has nothing for %s under %s, %s', (dataset, model, attack, mode) => {
    expect(publishedFigure(dataset, { model, attack, mode, metric: 'error-rate' })).toBeUndefined();
  });

  it('lists its models and attacks in its own order', () => {
    const { models, attacks } = publishedLabels('mnist');
    expect(models.slice(0, 2)).toEqual(['lenet5', 'rad(attack=fgs(epsilon=0.1))']);
    expect(attacks).toEqual(['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam', 'none']);
  });
});

describe('the claims', () => {
  const verdicts = (cells: readonly CellRecord[], dataset: PublishedDataset = 'mnist') =>
    Object.fromEntries(judgeClaims(dataset, cells).map(({ claim, verdict }) => [claim.id, verdict]));

  it('are judged on the figures of the publication itself', () => {
    // C1: by its own table, RAD(fgs(0.1)) errs more than IAEC(adam) under adam.
    expect(verdicts(publishedCells('mnist'))).toEqual({
      C1: 'partly',
      C2: 'holds',
      C3: 'holds',
      C4: 'holds',
      C5: 'holds',
      C6: 'holds',
      C7: 'holds',
    });
    expect(Object.keys(verdicts(publishedCells('cifar10'), 'cifar10'))).toEqual(['C1', 'C3', 'C4']);
  });

  it('are not judged where nothing was measured', () => {
    expect(new Set(Object.values(verdicts([])))).toEqual(new Set(['not-measured']));
    expect(CLAIMS).toHaveLength(7);
  });

  it('fail where the figures are the other way round', () => {
    const turned = publishedCells('mnist').map((cell) => ({
      ...cell,
      value: 1 - cell.value,
      low: 1 - cell.high,
      high: 1 - cell.low,
    }));
    const result = verdicts(turned);
    expect([result['C4'], result['C5'], result['C7']]).toEqual(['fails', 'fails', 'fails']);
  });

  it('rest on the mean over the seeds', () => {
    const base = publishedCells('mnist').filter((cell) => cell.model === 'lenet5' && cell.attack.startsWith('fgs'));
    const second = base.map((cell) => ({ ...cell, seed: 2, value: cell.attack.includes('0.1') ? 0.9 : 0.1 }));
    expect(verdicts([...base, ...second])['C7']).toBe('fails');
  });
});
