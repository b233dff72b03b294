import { type RunRecord } from '@rampart/results';
import { judgeClaims } from '../report/judge-claims';
import { type Report } from '../report/read-report';
import { type ReportCell } from '../report/tables';
import { parse } from 'csv-parse/sync';

import { reportCsv } from './csv';
import { figureText } from './figure-text';
import { reportMarkdown } from './markdown';
import { exampleReport } from './report.fixture';
import { reportText } from './text';

const cell = (over: Partial<ReportCell>): ReportCell => ({
  ...{ value: 0.48861, low: 0.479, high: 0.4982, deviation: undefined, seeds: 1, mode: 'static' },
  ...{ published: undefined, difference: undefined },
  ...over,
});

describe('a figure in words', () => {
  it.each([
    ['fraction', 0.4886, 0.461, '48.86%', '46.1%', '+2.76'],
    ['fraction', 0.461, 0.4886, '46.10%', '48.86%', '-2.76'],
    ['fraction', 0, 0.00045, '0.00%', '0.045%', '-0.045'],
    ['fraction', 0.02, 0.02, '2.00%', '2%', '0.00'],
    ['pixel units', 0.0103, 0.0118, '0.0103', '0.0118', '-13%'],
    ['pixel units', 0.0071, 0.006, '0.0071', '0.0060', '+18%'],
  ])('in %s of %d beside %d is %s beside %s, %s', (unit, value, published, ...words) => {
    const text = figureText(cell({ value, published, difference: value - published }), unit);
    expect([text.measured, text.published, text.difference]).toEqual(words);
  });

  it('has its interval, and a deviation where there are several seeds', () => {
    expect(figureText(cell({}), 'fraction')).toMatchObject({ interval: '47.90 to 49.82', deviation: undefined });
    expect(figureText(cell({ deviation: 0.0012, seeds: 3 }), 'fraction').deviation).toBe('0.12%');
  });
});

describe('a report', () => {
  const report = exampleReport();

  it('in the terminal has what the publication has below what was measured', () => {
    const lines = reportText(report).split('\n');
    const row = lines.findIndex((line) => line.includes('lenet5'));
    expect(lines[row]).toMatch(/lenet5 +│ 0\.10% +│ 50\.00% /);
    expect(lines[row + 1]).toMatch(/published +│ 0\.045% \(\+0\.055\) +│ 48\.2% \(\+1\.80\) /);
    // A model that the publication knows nothing of takes one line.
    expect(lines[lines.findIndex((line) => line.includes('mine|<b>'))! + 1]).not.toContain('published');
  });

  it.each([
    ['text', reportText],
    ['markdown', reportMarkdown],
  ])('as %s says which version of each component made it', (_format, write) => {
    const text = write(report).replaceAll('\\', '');
    expect(text).toContain('attack: cg 1, mine|<b> 2 of plugin <mine> (core 0.1.0)');
    expect(text).toContain('train: not recorded by the version that made it');
  });

  it.each([
    ['text', reportText],
    ['markdown', reportMarkdown],
  ])('as %s has each claim with its verdict, and the comparisons that are against it', (_format, write) => {
    const text = write(report).replaceAll('\\', '');
    for (const { claim, holding, comparisons } of report.claims) {
      expect(text).toContain(claim.text);
      if (comparisons.length > 0) expect(text).toContain(`${holding} of ${comparisons.length} comparison`);
      for (const one of comparisons.filter((comparison) => !comparison.holds)) expect(text).toContain(one.text);
    }
    expect(text).toMatch(/C2 not measured/);
    expect(text).toMatch(/C3 fails, 0 of 1 comparison\b/);
    expect(text).toMatch(/C7 holds in part, 1 of 2 comparisons/);
  });

  it('as Markdown has all comparisons, the intervals and the sweep', () => {
    const text = reportMarkdown(report);
    for (const { text: comparison } of report.claims.flatMap((one) => one.comparisons)) {
      expect(text.replaceAll('\\', '')).toContain(comparison);
    }
    expect(text).toContain('50.00% (40.00 to 60.00) [48.2%, +1.80]');
    expect(text).toMatch(/\| lenet5 under fgs +\| +90\.00% \| +95\.00% \| +20\.00% \|/);
  });

  it('as Markdown keeps the cells of a row apart, whatever a model is called', () => {
    const row = reportMarkdown(report)
      .split('\n')
      .find((line) => line.includes('mine'))!;
    expect(row.split(/(?<!\\)\|/)).toHaveLength(5);
    expect(row).toContain(String.raw`mine\|\<b\>`);
  });

  it('shows a limited number of comparisons in the terminal, and says so', () => {
    const claim = report.claims.find(({ verdict }) => verdict === 'fails')!;
    const comparisons = Array.from({ length: 25 }, (_, index) => ({
      ...claim.comparisons[0]!,
      text: `number ${index}.`,
    }));
    const text = reportText({ ...report, claims: [{ ...claim, comparisons }] });
    expect(text).toContain('number 19.');
    expect(text).not.toContain('number 20.');
    expect(text).toContain('and 5 more');
  });

  it('as CSV parses back to the figures', () => {
    const lines: Record<string, string>[] = parse(reportCsv(report), { columns: true });
    const cells = report.tables.flatMap((table) =>
      table.rows.flatMap((row) =>
        row.cells.flatMap((one, index) =>
          one ? [{ table, model: row.model, attack: table.columns[index], one }] : [],
        ),
      ),
    );
    expect(lines).toHaveLength(cells.length);
    cells.forEach(({ table, model, attack, one }, index) => {
      const line = lines[index]!;
      expect([line['table'], line['model'], line['attack'], line['mode']]).toEqual([table.id, model, attack, one.mode]);
      for (const field of ['value', 'low', 'high', 'published', 'difference'] as const) {
        const figure = one[field];
        expect(line[field]).toBe(figure === undefined ? '' : String(Number(figure.toPrecision(6))));
      }
      if (one.published) expect(Number(line['relative_difference'])).toBeCloseTo(one.value / one.published - 1);
      expect(Number(line['n'])).toBe(one.n);
      const [, name, epsilon] = /^([\w-]+)(?:\(epsilon=([\d.]+)\))?$/.exec(attack!)!;
      const isOne = attack !== 'none' && attack !== 'worst-case';
      expect([line['attack_name'], line['epsilon']]).toEqual(isOne ? [name, epsilon ?? ''] : ['', '']);
    });
  });

  it('without figures says so', () => {
    const empty: Report = {
      ...report,
      tables: [],
      curves: [],
      madeWith: [],
      devices: [],
      claims: judgeClaims('mnist', [], []),
    };
    expect(reportText(empty)).toMatch(/No figures yet\.\n$/);
    expect(parse(reportCsv(empty), { columns: true })).toEqual([]);
  });

  it('is the same to JSON and back', () => {
    const { run, ...rest } = JSON.parse(JSON.stringify(report)) as Report;
    expect((run satisfies RunRecord).id).toBe(report.run.id);
    expect(rest.claims.map((one) => one.verdict)).toEqual(report.claims.map((one) => one.verdict));
  });
});
