import { CLAIMS } from '../published/claims';
import { PUBLISHED_TABLES, type PublishedDataset } from '../published/tables';
import type { CellMode, CellRecord, CurveRecord } from '@rampart/results';
import type { ReportedFinding } from './findings';
import { judgeClaims } from './judge-claims';

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

/** The first so many kinds of RAD of table 1. */
function radsOf(count: number): readonly string[] {
  return PUBLISHED_TABLES[0]!.rows
    .map((row) => row.model)
    .filter((model) => model.startsWith('rad'))
    .slice(0, count);
}

describe('the claims', () => {
  const verdicts = (cells: readonly CellRecord[], dataset: PublishedDataset = 'mnist') =>
    Object.fromEntries(judgeClaims(dataset, cells, []).map(({ claim, verdict }) => [claim.id, verdict]));

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

  it('show every comparison with the two figures that decide it', () => {
    for (const { comparisons, holding } of judgeClaims('mnist', publishedCells('mnist'), [])) {
      expect(holding).toBe(comparisons.filter((one) => one.holds).length);
      for (const { text, figures } of comparisons) {
        for (const { model, value, metric } of figures) {
          expect(text).toContain(model);
          expect(text).toContain(metric === 'distortion' ? value.toFixed(4) : `${(100 * value).toFixed(2)}%`);
        }
      }
    }
    const [c1] = judgeClaims('mnist', publishedCells('mnist'), []);
    const against = c1!.comparisons.filter((one) => !one.holds).map((one) => one.text);
    expect(against).toContain('rad(attack=fgs(epsilon=0.1)) 3.00% ≥ iaec(attack=adam) 2.30% under adam, static');
  });

  it('say that they rest on replayed examples, and on which figures in doubt', () => {
    const finding: ReportedFinding = {
      ...{ seed: 1, model: 'rad(attack=cg)', mode: 'adaptive', audit: 'no-progress', severity: 'high' },
      ...{ attack: 'fgs(epsilon=0.1)', summary: '', evidence: {}, remedies: [], resolved: true },
    };
    const claims = judgeClaims('mnist', publishedCells('mnist'), [], [finding]);
    const of = (id: string) => claims.find(({ claim }) => claim.id === id)!.restsOn;
    expect(of('C1')).toEqual([expect.stringMatching(/^replayed examples/)]);
    expect(of('C3')).toEqual([]);
    expect(of('C4')).toEqual(['figures in doubt: rad(attack=cg) under fgs(epsilon=0.1), adaptive (no-progress)']);
  });

  it.each([
    ['half', 3, 'partly'],
    ['fewer than half', 4, 'fails'],
  ] as const)('hold in part where at least half of the comparisons do: %s', (_what, worse, verdict) => {
    const cells = publishedCells('mnist').map((cell) =>
      // C3: a clean error that is apart from the undefended model's, for so many of the four kinds of RAD.
      cell.attack === 'none' && radsOf(worse - 1).includes(cell.model)
        ? { ...cell, value: 0.5, low: 0.4, high: 0.6 }
        : cell,
    );
    expect(verdicts(cells)['C3']).toBe(verdict);
  });

  describe('C7, where recall was swept over epsilon', () => {
    const judged = (recalls: readonly (readonly number[])[], over: Partial<CurveRecord> = {}) => {
      const curves = recalls.flatMap((ofSeed, seed) =>
        ofSeed.map((y, index): CurveRecord => {
          const point = { runId: 'r', diagram: 'recall-epsilon', model: 'lenet5', series: 'lenet5 under fgs' };
          return { ...point, seed, x: (index + 1) / 10, y, ...over };
        }),
      );
      return judgeClaims('mnist', publishedCells('mnist'), curves).find(({ claim }) => claim.id === 'C7')!;
    };

    it('holds where recall falls from each epsilon to the next', () => {
      const { verdict, comparisons } = judged([[0.97, 0.6, 0.2, 0.08, 0.05]]);
      expect(verdict).toBe('holds');
      expect(comparisons.map((one) => one.text)).toEqual([
        'lenet5: recall 97.00% under fgs(epsilon=0.1), 60.00% under fgs(epsilon=0.2)',
        'lenet5: recall 60.00% under fgs(epsilon=0.2), 20.00% under fgs(epsilon=0.3)',
        'lenet5: recall 20.00% under fgs(epsilon=0.3), 8.00% under fgs(epsilon=0.4)',
        'lenet5: recall 8.00% under fgs(epsilon=0.4), 5.00% under fgs(epsilon=0.5)',
      ]);
    });

    it('holds in part where it rises once, whatever the two cells of the table say', () => {
      const { verdict, holding } = judged([[0.9, 0.5, 0.2, 0.3, 0.1]]);
      expect([verdict, holding]).toEqual(['partly', 3]);
    });

    it('fails where it rises or stays', () => {
      expect(judged([[0.2, 0.2, 0.3, 0.4]]).verdict).toBe('fails');
    });

    it('asks for no less than no recall at all', () => {
      expect(judged([[0.4, 0, 0]]).verdict).toBe('holds');
    });

    it('rests on the mean over the seeds', () => {
      const { verdict, comparisons } = judged([
        [0.9, 0.1],
        [0.1, 0.5],
      ]);
      expect([verdict, comparisons[0]!.figures.map((one) => one.value)]).toEqual(['holds', [0.5, 0.3]]);
    });

    it.each([
      ['another model', { model: 'rad(attack=adam)', series: 'rad(attack=adam) under fgs' }],
      ['another attack', { series: 'lenet5 under pgd' }],
      ['another parameter', { diagram: 'recall-steps' }],
    ])('is judged on the cells where the sweep is of %s', (_what, over) => {
      const { verdict, comparisons } = judged([[0.1, 0.5]], over);
      expect([verdict, comparisons.map((one) => one.figures[0].metric)]).toEqual(['holds', ['error-rate']]);
    });
  });
});
