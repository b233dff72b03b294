import { formatComponent, parseComponent } from '@rampart/core';

import { isAttack, NO_ATTACK, WORST_CASE } from '../report/attack-labels';
import { type ReportedFinding } from '../report/findings';
import { repeatedModels, type Report } from '../report/read-report';
import { robustnessDiagrams } from '../report/robustness-diagrams';
import { type StandingTable } from '../report/standings';
import { type SeedFigure, type ThreatTable, threatTables } from '../report/threat-tables';
import { stringify } from 'csv-stringify/sync';

const COLUMNS = [
  ...['run', 'table', 'model', 'attack', 'mode', 'metric', 'unit', 'value', 'low', 'high', 'deviation', 'seeds'],
  ...['published', 'difference', 'relative_difference', 'threat', 'norm', 'epsilon', 'n', 'attack_name', 'parameters'],
  ...['other_model', 'test', 'p', 'apart', 'established', 'severity', 'resolved', 'summary'],
] as const;

type Line = Readonly<Partial<Record<(typeof COLUMNS)[number], unknown>>>;

/**
 * The figures of a report as CSV, one a line, rates as fractions: for a spreadsheet. First come those over the instances
 * that could be attacked and the differences of models, then those of robustness: under each threat, then the points of
 * the curves, which hold from their epsilon up to the next. An attack's name, epsilon and other parameters have columns
 * of their own. Claims and other curves are in the JSON.
 */
export function reportCsv(report: Report): string {
  const { run, standings, robustness, certificates } = report;
  const tables = threatTables(robustness, repeatedModels(standings), certificates);
  const lines = [
    ...report.standings.flatMap(standingFigures),
    ...report.findings.map(findingLine),
    ...tables.flatMap(threatFigures),
    ...curvePoints(report, tables),
    ...optimalities(report),
    ...tableFigures(report),
  ];
  const records = lines.map((line): Line => ({ run: run.id, ...ofAttack(line.attack), ...line }));
  return stringify(records, {
    header: true,
    columns: [...COLUMNS],
    cast: { number: (value) => String(Number(value.toPrecision(DIGITS))) },
  });
}

/** Significant digits: of rates more than any test set gives. */
const DIGITS = 6;

/** What the label of an attack says. Of an ensemble's component, `autoattack(epsilon=8/255): apgd-ce`, the ensemble. */
function ofAttack(label: unknown): Line {
  if (typeof label !== 'string' || !isAttack(label)) return {};
  const whole = label.replace(/\): .*$/, ')').replace(/^([\w.-]+): .*$/, '$1');
  try {
    const { name, params } = parseComponent(whole);
    const { epsilon, ...others } = params;
    const parameters = Object.entries(others).map(([key, value]) =>
      formatComponent({ name: '', params: { [key]: value } }).slice(1, -1),
    );
    return {
      attack_name: name,
      epsilon: typeof epsilon === 'number' ? epsilon : undefined,
      parameters: parameters.join('; '),
    };
  } catch {
    return { attack_name: label };
  }
}

/** Over the instances that could be attacked; `seeds` of a difference are those of its first model. */
function standingFigures({ threat, mode, models, differences }: StandingTable): Line[] {
  const place = { table: 'standing', mode, threat, unit: 'fraction' };
  return [
    ...models.flatMap(({ model, robustAccuracy, success, cleanAccuracy, attacked, attackable: [, most], attacks }) => [
      { ...place, model, attack: WORST_CASE, metric: 'robust-accuracy', n: most, ...robustAccuracy },
      { ...place, model, attack: WORST_CASE, metric: 'attack-success', n: most, ...success },
      { ...place, model, attack: NO_ATTACK, metric: 'clean-accuracy', n: attacked, ...cleanAccuracy },
      ...attacks.map((one) => ({
        ...{ ...place, model, attack: one.attack, metric: 'attack-success', n: most },
        ...one.success,
      })),
    ]),
    ...differences.map(({ models: [model, other], difference, low, high, p, apart, test }) => ({
      ...{ ...place, model, attack: WORST_CASE, metric: 'robust-accuracy-difference', value: difference, low, high },
      ...{ other_model: other, test, p, apart },
    })),
  ];
}

function findingLine({ model, mode, seed, threat, attack, audit, severity, resolved, summary }: ReportedFinding): Line {
  return { table: 'finding', model, mode, seeds: seed, threat, attack, metric: audit, severity, resolved, summary };
}

function threatFigures({ threat, norm, epsilon, mode, models }: ThreatTable): Line[] {
  return models.flatMap((row) => {
    const { model, instances, cleanAccuracy, robustAccuracy, certified, success, attacks, established } = row;
    const place = { table: 'robustness', model, mode, threat, norm, epsilon, n: instances };
    const line = (attack: string, metric: string, figure: SeedFigure | undefined, unit = 'fraction'): Line[] =>
      figure ? [{ ...place, attack, metric, unit, ...figure }] : [];
    return [
      ...line(WORST_CASE, 'robust-accuracy', robustAccuracy).map((worst) => ({ ...worst, established })),
      ...line(WORST_CASE, 'certified-accuracy', certified),
      ...line(WORST_CASE, 'success-rate', success),
      ...line(NO_ATTACK, 'clean-accuracy', cleanAccuracy).map((clean) => ({ ...clean, mode: 'clean' })),
      ...attacks.flatMap(({ attack, ...of }) => [
        ...line(attack, 'robust-accuracy', of.robustAccuracy),
        ...line(attack, 'cumulative-robust-accuracy', of.cumulative),
        ...line(attack, 'success-rate', of.success),
        ...line(attack, 'median-distance', of.distance, norm),
        ...line(attack, 'gradient-evaluations', of.gradients, 'evaluations'),
        ...line(attack, 'forward-evaluations', of.forwards, 'evaluations'),
        ...line(attack, 'seconds', of.seconds, 'seconds'),
      ]),
    ];
  });
}

function curvePoints({ robustnessCurves, certificates }: Report, tables: readonly ThreatTable[]): Line[] {
  return robustnessDiagrams(robustnessCurves, tables, certificates).flatMap(({ norm, mode, panels }) =>
    panels.flatMap(({ model, worstCase, attacks, certified }) => {
      const place = { table: 'robustness-curve', model, mode, metric: 'robust-accuracy', unit: 'fraction', norm };
      return [worstCase, ...attacks, ...(certified ? [certified] : [])].flatMap(({ attack, points }) =>
        points.map(([epsilon, value, low, high]): Line => ({ ...place, attack, epsilon, value, low, high })),
      );
    }),
  );
}

function optimalities({ optimality }: Report): Line[] {
  return optimality.flatMap(({ model, norm, attacks }) =>
    attacks.map((one): Line => ({
      ...{ table: 'optimality', model, norm, mode: 'adaptive', attack: one.attack, metric: 'optimality' },
      ...{ unit: 'fraction', ...one.optimality },
    })),
  );
}

function tableFigures({ tables }: Report): Line[] {
  return tables.flatMap(({ id, metric, unit, columns, rows }) =>
    rows.flatMap(({ model, cells }) =>
      cells.flatMap((cell, index): Line[] => {
        if (!cell) return [];
        const { published, difference } = cell;
        const relative = published && difference !== undefined ? difference / published : undefined;
        const place = { table: id, model, attack: columns[index], metric, unit };
        return [{ ...place, ...cell, relative_difference: relative }];
      }),
    ),
  );
}
