import { repeatedModels, type Report } from '../report/read-report';
import { type RobustnessDiagram, robustnessDiagrams } from '../report/robustness-diagrams';
import { type ThreatTable, threatTables } from '../report/threat-tables';

import { curveTable } from './curve-table';
import { formatFigure } from './figure-text';
import { type Overview, overviews } from './overview';
import { attackCells, instancesText, intervalText, optimalityCells, percentText, worstText } from './robustness-cells';
import {
  ATTACK_COLUMNS,
  curveTitle,
  OPTIMALITY_COLUMNS,
  OPTIMALITY_NOTE,
  optimalityTitle,
  ROBUSTNESS_NOTE,
  TERMS,
  threatNotes,
  threatTitle,
} from './robustness-wording';
import { textTable } from './text-table';

/** How models withstand the threats of a run, for a terminal. */
export function robustnessLines(report: Report): string[] {
  const { standings, robustness, robustnessCurves, optimality, peculiarities } = report;
  const tables = threatTables(robustness, repeatedModels(standings));
  if (tables.length === 0) return [];
  const models = new Set(optimality.map(({ model }) => model));
  return [
    ...['', ROBUSTNESS_NOTE],
    ...overviews(tables, peculiarities).flatMap((overview) => ['', overview.title, overviewTable(overview)]),
    ...tables.flatMap((table) => ['', threatTitle(table, peculiarities), ...threatNotes(table), threatTable(table)]),
    ...TERMS.map(([term, meaning]) => `${term}: ${meaning}`),
    ...robustnessDiagrams(robustnessCurves, tables).flatMap((diagram) => [
      '',
      curveTitle(diagram, peculiarities),
      curves(diagram),
    ]),
    ...optimality.flatMap((table) => [
      '',
      optimalityTitle(table, models.size > 1),
      textTable(
        ['attack', ...OPTIMALITY_COLUMNS],
        table.attacks.map((attack) => [attack.attack, ...optimalityCells(attack)]),
      ),
    ]),
    ...(optimality.length > 0 ? [OPTIMALITY_NOTE] : []),
  ];
}

/** Below each model its worst case, then every attack. */
function threatTable({ models }: ThreatTable): string {
  const rows = models.flatMap((row) => {
    const { model, robustAccuracy, cleanAccuracy, attacks, established } = row;
    const rest = ATTACK_COLUMNS.length - 1;
    return [
      [{ content: model, colSpan: ATTACK_COLUMNS.length + 1 }],
      [
        '  worst case',
        percentText(robustAccuracy),
        {
          content: established
            ? `95% interval ${intervalText(robustAccuracy)}, ${instancesText(row)}`
            : `not established: see the findings; ${instancesText(row)}`,
          colSpan: rest,
        },
      ],
      ['  no attack', percentText(cleanAccuracy), { content: '', colSpan: rest }],
      ...attacks.map((attack) => [
        attack.component === undefined ? `  ${attack.attack}` : `    ${attack.component}`,
        ...attackCells(attack),
      ]),
    ];
  });
  return textTable(['', ...ATTACK_COLUMNS], rows);
}

function overviewTable({ threats, rows }: Overview): string {
  return textTable(
    ['model', ...threats, 'no attack'],
    rows.map(({ model, cleanAccuracy, worst }) => [
      model,
      ...worst.map((row) => (row ? `${worstText(row)} (${intervalText(row.robustAccuracy)})` : '')),
      percentText(cleanAccuracy),
    ]),
  );
}

function curves(diagram: RobustnessDiagram): string {
  const { columns, rows } = curveTable(diagram);
  return textTable(
    ['epsilon', ...columns],
    rows.map(({ name, values }) => [name, ...values.map((value) => formatFigure(value, 'fraction'))]),
  );
}
