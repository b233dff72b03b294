import {
  NO_ATTACK,
  type Report,
  robustnessDiagrams,
  type SeedFigure,
  type ThreatTable,
  threatTables,
  WORST_CASE,
} from '@rampart/results';
import { stringify } from 'csv-stringify/sync';

const COLUMNS = [
  ...['run', 'table', 'model', 'attack', 'mode', 'metric', 'unit', 'value', 'low', 'high', 'deviation', 'seeds'],
  ...['published', 'difference', 'relative_difference', 'threat', 'norm', 'epsilon', 'n'],
] as const;

type Line = Readonly<Partial<Record<(typeof COLUMNS)[number], unknown>>>;

/**
 * The figures of a report as CSV, one a line, rates as fractions: for a spreadsheet. Those of robustness come first:
 * under each threat, then the points of the curves, which hold from their epsilon up to the next. Claims and other
 * curves are in the JSON.
 */
export function reportCsv(report: Report): string {
  const { run, robustness } = report;
  const tables = threatTables(robustness);
  const lines = [
    ...tables.flatMap(threatFigures),
    ...curvePoints(report, tables),
    ...optimalities(report),
    ...tableFigures(report),
  ];
  const records = lines.map((line): Line => ({ run: run.id, ...line }));
  return stringify(records, { header: true, columns: [...COLUMNS] });
}

function threatFigures({ threat, norm, epsilon, mode, models }: ThreatTable): Line[] {
  return models.flatMap(({ model, instances, cleanAccuracy, robustAccuracy, success, attacks }) => {
    const place = { table: 'robustness', model, mode, threat, norm, epsilon, n: instances };
    const line = (attack: string, metric: string, figure: SeedFigure | undefined, unit = 'fraction'): Line[] =>
      figure ? [{ ...place, attack, metric, unit, ...figure }] : [];
    return [
      ...line(WORST_CASE, 'robust-accuracy', robustAccuracy),
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

function curvePoints({ robustnessCurves }: Report, tables: readonly ThreatTable[]): Line[] {
  return robustnessDiagrams(robustnessCurves, tables).flatMap(({ norm, mode, panels }) =>
    panels.flatMap(({ model, worstCase, attacks }) => {
      const place = { table: 'robustness-curve', model, mode, metric: 'robust-accuracy', unit: 'fraction', norm };
      return [worstCase, ...attacks].flatMap(({ attack, points }) =>
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
