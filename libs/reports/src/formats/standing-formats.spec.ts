import { stripVTControlCharacters } from 'node:util';

import { type Evaluation } from '../report/evaluations';
import { type Report } from '../report/read-report';
import { type SampleFigure } from '../report/samples';
import { standingTables } from '../report/standings';
import { parse } from 'csv-parse/sync';

import { reportCsv } from './csv';
import { reportHtml } from './html/report-html';
import { reportMarkdown } from './markdown';
import { exampleReport } from './report.fixture';
import { visibleInColour } from './terminal';
import { reportText } from './text';

/** A report on models of which each attacked instance has an outcome: 0 resisted, 1 evaded, 2 wrong before, 3 unmoved. */
function reportOn(found: Readonly<Record<string, string>>): Report {
  const evaluations = Object.keys(found).map((model): Evaluation => ({
    ...{ model, attack: 'adam', mode: 'adaptive', seed: 1, evaluateStep: model },
  }));
  const outcomes = new Map(Object.entries(found).map(([model, digits]) => [model, { testIndices: 'all', digits }]));
  const input = {
    models: [],
    findings: [],
    remedied: new Map(),
    robustness: [],
    undefended: new Set(['lenet5']),
    threatened: false,
  };
  return { ...exampleReport(), standings: standingTables({ ...input, evaluations, outcomes }) };
}

const formats = [
  ['text', reportText],
  ['markdown', (report: Report) => reportMarkdown(report).replaceAll('\\', '')],
  ['html', (report: Report) => reportHtml(report, []).replaceAll(/&lt;|&gt;|&#x27;/g, decoded)],
] as const;

function decoded(entity: string): string {
  return { '&lt;': '<', '&gt;': '>' }[entity] ?? "'";
}

describe.each(formats)('the standing of models as %s', (_format, write) => {
  const fallen = write(reportOn({ lenet5: '1'.repeat(44), 'mine|<b>': '1'.repeat(43) + '2' }));

  it('comes before error rates, with the interval of what could be attacked', () => {
    expect(fallen).toContain('Every model falls to adam');
    expect(fallen.indexOf('Every model falls')).toBeLessThan(fallen.indexOf('Error rate under'));
    expect(fallen.replaceAll(/<[^>]*>/g, ' ')).toMatch(/100\.00%[^%]*91\.97 to 100\.00/);
    expect(fallen).toContain('43 of 44');
    expect(fallen).not.toMatch(/most robust/i);
  });

  it('marks what is within noise, and what is more', () => {
    const text = write(
      reportOn({
        lenet5: '1'.repeat(44),
        strong: '0'.repeat(40) + '1'.repeat(4),
        alike: '0'.repeat(39) + '1'.repeat(5),
      }),
    );
    expect(text).toContain('No defense stands out');
    expect(text).toMatch(/strong and alike: \+2\.27 points, within noise \(McNemar's exact test, p = 1\.0\)/);
    expect(text).toMatch(/lenet5 and strong: -90\.91 points, more than noise \(McNemar's exact test, p = 1\.8e-12\)/);
    expect(text).toContain('1, tied');
    expect(text).toContain('baseline');
  });

  it('does not count as resistance what no attack moved', () => {
    const text = write(reportOn({ rad: '3'.repeat(30) + '1'.repeat(14) }));
    expect(text).toMatch(/adam left 30 of the 44 attackable instances of rad as they were: not attacked/);
    expect(text).toContain('44 of 44, 30 not moved');
    expect(text).not.toMatch(/resisted/);
  });
});

it('has every figure and difference as CSV, the first of all', () => {
  const report = reportOn({ lenet5: '1'.repeat(44), rad: '0'.repeat(40) + '1'.repeat(4) });
  const lines: Record<string, string>[] = parse(reportCsv(report), { columns: true });
  const own = lines.filter((line) => line['table'] === 'standing');
  expect(lines.slice(0, own.length)).toEqual(own);
  const [{ models }] = report.standings as [Report['standings'][0]];
  for (const { model, robustAccuracy, success } of models) {
    for (const [metric, { value, low, high }] of [
      ['robust-accuracy', robustAccuracy],
      ['attack-success', success],
    ] as const) {
      const [line] = own.filter(
        (one) => one['model'] === model && one['metric'] === metric && one['attack'] === 'worst-case',
      );
      const rounded = [value, low, high, 44].map((figure) => String(Number(figure.toPrecision(6))));
      expect(['value', 'low', 'high', 'n'].map((field) => line![field])).toEqual(rounded);
    }
  }
  const difference = own.find((line) => line['metric'] === 'robust-accuracy-difference')!;
  expect([difference['model'], difference['other_model'], difference['test']]).toEqual(['lenet5', 'rad', 'mcnemar']);
});

it('shows the best and the worst on a terminal with colours, and obeys no other control characters', () => {
  const report = reportOn({ lenet5: '1'.repeat(44), rad: '0'.repeat(40) + '1'.repeat(4) });
  const coloured = reportText(report, { width: 80, colour: true });
  const inGreen = coloured.split('\n').filter((line) => line.includes('\u001b[32m'));
  const inRed = coloured.split('\n').filter((line) => line.includes('\u001b[31m'));
  expect(inGreen.every((line) => line.includes('rad') || /9\d\.\d\d/.test(line))).toBe(true);
  expect([inGreen.length > 0, inRed.length > 0]).toEqual([true, true]);
  expect(stripVTControlCharacters(coloured)).toBe(reportText(report, { width: 80, colour: false }));
  expect(visibleInColour(`\u001b[2J${coloured}`)).toBe(`\\u001b[2J${coloured}`);
});

it('says of an image in the page that no attack moved that it was not attacked', () => {
  const instance = {
    ...{ evaluateStep: 'e', position: 0, testIndex: 12, label: 0, predictionBefore: 0, predictionAfter: 0 },
    ...{ confidenceBefore: 1, confidenceAfter: 1, distortion: 0, linf: 0, iterations: 1 },
  };
  const of = (linf: number): SampleFigure => ({
    ...{ model: 'rad', mode: 'adaptive', seed: 1, classes: ['4', '7'], attacks: ['fgs'] },
    rows: [{ testIndex: 12, samples: [{ attack: 'fgs', picture: undefined, instance: { ...instance, linf } }] }],
  });
  expect(reportHtml(exampleReport(), [of(0)])).toMatch(/not attacked, zero gradient/);
  expect(reportHtml(exampleReport(), [of(0)])).not.toMatch(/resisted/);
  expect(reportHtml(exampleReport(), [of(0.1)])).toMatch(/✓ resisted/);
});
