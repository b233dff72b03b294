import { type Report } from '../report/read-report';
import { type ReportedRobustness } from '../report/robustness';
import { threatTables } from '../report/threat-tables';
import { parse } from 'csv-parse/sync';

import { reportCsv } from './csv';
import { curveTable } from './curve-table';
import { reportMarkdown } from './markdown';
import { exampleThreatReport } from './robustness.fixture';
import { reportText } from './text';

/** The same run with a second seed, in which everything is a little worse. */
function twoSeeds(report: Report): Report {
  const second = report.robustness.map((record): ReportedRobustness => ({
    ...{ ...record, seed: 2, robustAccuracy: record.robustAccuracy - 0.04, attackable: record.attackable - 1 },
    attacks: record.attacks.map((one) => ({ ...one, robustAccuracy: one.robustAccuracy - 0.02 })),
  }));
  return {
    ...report,
    run: { ...report.run, seeds: [1, 2] },
    robustness: [...report.robustness, ...second],
  };
}

describe('the report of a run with threats', () => {
  const report = exampleThreatReport();
  const formats = [
    ['text', reportText],
    ['markdown', (of: Report) => reportMarkdown(of).replaceAll('\\', '')],
  ] as const;

  it.each(formats)('as %s begins with robust accuracy, attacks on the model itself first', (_format, write) => {
    const text = write(report);
    const order = [
      'Robust accuracy, worst case: attacks on the model itself (adaptive, white-box)',
      'Robust accuracy under linf(8/255): attacks on the model itself (adaptive, white-box)',
      'Robust accuracy under l2(0.5): attacks on the model itself',
      'Robust accuracy under linf(8/255): replayed examples (static, transfer)',
      'Robust accuracy against epsilon, linf: attacks on the model itself',
      'Attacks by optimality, linf: lenet5',
      'Error rate under replayed examples',
      'C1 ',
    ].map((title) => text.indexOf(title));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
    expect(text).toMatch(/replayed examples \(static, transfer\)\n+Made against the undefended model/);
  });

  it.each(formats)('as %s has what the records note, and of which model', (_format, write) => {
    expect(write(report)).toContain('lenet5: The difference of logits <takes> its place.');
  });

  it('in the terminal has the worst case with its interval, then every attack, components below their ensemble', () => {
    const lines = reportText(report).split('\n');
    const worst = lines.findIndex((line) => line.includes('  worst case'));
    expect(lines[worst - 1]).toMatch(/│ lenet5 +│/);
    expect(lines[worst]).toMatch(/│ 50\.00% +│ 95% interval 40\.00 to 60\.00, 200 instances, 196 attackable +│/);
    expect(lines[worst + 1]).toMatch(/ {2}no attack +│ 98\.00% /);
    expect(lines[worst + 2]).toMatch(
      /│ {3}autoattack\(epsilon=8\/255\) +│ 55\.00% +│ 55\.00% +│ 45\.00% +│ - +│ 92\.5 +│ 1\.0 +│ 0\.0574 +│/,
    );
    expect(lines[worst + 3]).toMatch(/│ {5}apgd-ce +│ 60\.00% +│ +│ 40\.00% +│ +│ 92\.5 +│ 1\.0 +│ +│/);
    expect(lines[worst + 5]).toMatch(/│ {3}fmn\(norm=linf\) +│ 75\.00% +│ 75\.00% +│ 25\.00% +│ 0\.0321 +│/);
    expect(lines[worst + 7]).toMatch(/│ {3}fab\(norm=linf\) .*│ - +│/);
  });

  it('in the terminal has tables that are no wider than their figures need', () => {
    const lines = reportText(report).split('\n');
    const table = lines.slice(0, lines.indexOf('Error rate under replayed examples (static, transfer)'));
    expect(Math.max(...table.filter((line) => /^[│┌├└]/.test(line)).map((line) => line.length))).toBeLessThan(116);
  });

  it('as Markdown keeps the cells of a row apart, and has as many in each', () => {
    const lines = reportMarkdown(report).split('\n');
    const start = lines.findIndex((line) => line.includes('robust accuracy') && line.startsWith('|'));
    const rows = lines.slice(start, lines.indexOf('', start));
    expect(rows.length).toBeGreaterThan(12);
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(10);
    expect(lines.join('\n')).not.toMatch(/[^\\]<(b|takes)/);
    expect(lines.join('\n')).toMatch(/\*\*50\.00%\*\* \(40\.00 to 60\.00\)/);
  });

  it.each(formats)('as %s shows several seeds as mean and deviation', (_format, write) => {
    const text = write(twoSeeds(report));
    expect(text).toMatch(/48\.00% ± 2\.83%/);
    expect(text).toMatch(/200 instances, 195 to 196 attackable/);
  });

  const sixDigits = (value: number) => String(Number(value.toPrecision(6)));

  it('as CSV has every figure of the tables on a line, before the error rates', () => {
    const lines: Record<string, string>[] = parse(reportCsv(report), { columns: true });
    const names = [...new Set(lines.map((line) => line['table']))];
    expect(names).toEqual(['robustness', 'robustness-curve', 'optimality', 'static']);
    const find = (over: Readonly<Record<string, string>>) =>
      lines.filter((line) => Object.entries(over).every(([column, value]) => line[column] === value));
    for (const { threat, norm, epsilon, mode, models } of threatTables(report.robustness)) {
      for (const { model, robustAccuracy, cleanAccuracy, attacks } of models) {
        const place = { table: 'robustness', threat, norm, epsilon: sixDigits(epsilon), model, n: '200' };
        const [worst, ...others] = find({ ...place, attack: 'worst-case', mode, metric: 'robust-accuracy' });
        expect(others).toEqual([]);
        expect([worst!['value'], worst!['low'], worst!['high']].map(Number)).toEqual(
          [robustAccuracy.value, robustAccuracy.low, robustAccuracy.high].map((figure) => Number(sixDigits(figure!))),
        );
        expect(find({ ...place, mode: 'clean' })[0]!['value']).toBe(sixDigits(cleanAccuracy.value));
        for (const one of attacks) {
          const metrics = find({ ...place, attack: one.attack, mode }).map((line) => [line['metric'], line['unit']]);
          expect(metrics).toContainEqual(['robust-accuracy', 'fraction']);
          expect(metrics).toContainEqual(['gradient-evaluations', 'evaluations']);
          expect(metrics.some(([metric]) => metric === 'median-distance')).toBe(one.distance !== undefined);
        }
      }
    }
    const points = find({
      table: 'robustness-curve',
      model: 'lenet5',
      mode: 'adaptive',
      norm: 'l2',
      attack: 'worst-case',
    });
    expect(points.map((line) => Number(line['epsilon']))).toEqual([0, 0.25, 0.6]);
    expect(find({ table: 'optimality', attack: 'fmn(norm=linf)', metric: 'optimality' })).toHaveLength(2);
  });

  it('has curves in numbers, at the epsilons of the threats among others', () => {
    const line = (attack: string, at: number) => ({
      attack,
      points: [[0, 1, 0.9, 1] as const, [at, 0.25, 0.1, 0.4] as const],
    });
    const panel = { worstCase: line('worst-case', 0.2), attacks: [line('fmn', 0.5)], budgets: [] };
    const diagram = { norm: 'linf', mode: 'adaptive', threats: [0.3] } as const;
    const one = curveTable({ ...diagram, panels: [{ model: 'lenet5', ...panel }] });
    expect(one.columns).toEqual(['0.05', '0.1', '0.15', '0.2', '0.25', '0.3']);
    expect(one.rows).toEqual([
      { name: 'lenet5, worst case', values: [1, 1, 1, 0.25, 0.25, 0.25] },
      { name: 'fmn', values: [1, 1, 1, 1, 1, 1] },
    ]);
    const two = curveTable({ ...diagram, panels: ['a', 'b'].map((model) => ({ model, ...panel })) });
    expect(two.rows.map(({ name }) => name)).toEqual(['a, worst case', 'b, worst case']);
  });

  it('says nothing of threats where there are none', () => {
    const none = { ...report, robustness: [], robustnessCurves: [], optimality: [] };
    for (const [, write] of formats) expect(write(none)).not.toMatch(/robust accuracy/i);
  });
});
