import { repeatedModels, type Report } from '../report/read-report';
import { type RobustnessDiagram, robustnessDiagrams } from '../report/robustness-diagrams';
import { type ThreatTable, threatTables } from '../report/threat-tables';

import { curveTable } from './curve-table';
import { formatFigure } from './figure-text';
import { type Overview, overviews } from './overview';
import { attackCells, instancesText, intervalText, optimalityCells, percentText, worstCell } from './robustness-cells';
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
import { accented, extremes, type Terminal } from './terminal';
import { type TextCell, textTable } from './text-table';

/** How models withstand the threats of a run, for a terminal. */
export function robustnessLines(report: Report, terminal: Terminal): string[] {
  const { standings, robustness, robustnessCurves, certificates, optimality, peculiarities } = report;
  const tables = threatTables(robustness, repeatedModels(standings), certificates);
  if (tables.length === 0) return [];
  const models = new Set(optimality.map(({ model }) => model));
  return [
    ...['', ROBUSTNESS_NOTE],
    ...overviews(tables, peculiarities).flatMap((overview) => [
      ...['', accented(overview.title, 'title', terminal)],
      overviewTable(overview, terminal),
    ]),
    ...tables.flatMap((table) => [
      ...['', accented(threatTitle(table, peculiarities), 'title', terminal)],
      ...threatNotes(table),
      threatTable(table, terminal),
    ]),
    ...TERMS.map(([term, meaning]) => `${term}: ${meaning}`),
    ...robustnessDiagrams(robustnessCurves, tables, certificates).flatMap((diagram) => [
      ...['', accented(curveTitle(diagram, peculiarities), 'title', terminal)],
      curves(diagram, terminal),
    ]),
    ...optimality.flatMap((table) => [
      ...['', accented(optimalityTitle(table, models.size > 1), 'title', terminal)],
      textTable(
        ['attack', ...OPTIMALITY_COLUMNS],
        table.attacks.map((attack) => [attack.attack, ...optimalityCells(attack)]),
        terminal,
      ),
    ]),
    ...(optimality.length > 0 ? [OPTIMALITY_NOTE] : []),
  ];
}

/** Below each model its worst case, then every attack. */
function threatTable({ models }: ThreatTable, terminal: Terminal): string {
  const accent = extremes(
    models.map(({ robustAccuracy }) => robustAccuracy.value),
    'high',
  );
  const rows = models.flatMap((row): TextCell[][] => {
    const { model, robustAccuracy, certified, cleanAccuracy, attacks, established } = row;
    const rest = ATTACK_COLUMNS.length - 1;
    return [
      [{ content: model, colSpan: ATTACK_COLUMNS.length + 1 }],
      [
        '  worst case',
        accented(percentText(robustAccuracy), accent(robustAccuracy.value), terminal),
        {
          content: established
            ? `95% interval ${intervalText(robustAccuracy)}, ${instancesText(row)}`
            : `not established: see the findings; ${instancesText(row)}`,
          colSpan: rest,
        },
      ],
      ...(certified
        ? [
            [
              '  certified',
              percentText(certified),
              { content: `95% interval ${intervalText(certified)}`, colSpan: rest },
            ],
          ]
        : []),
      ['  no attack', percentText(cleanAccuracy), { content: '', colSpan: rest }],
      ...attacks.map((attack) => [
        attack.component === undefined ? `  ${attack.attack}` : `    ${attack.component}`,
        ...attackCells(attack),
      ]),
    ];
  });
  return textTable(['', ...ATTACK_COLUMNS], rows, terminal);
}

function overviewTable({ threats, rows }: Overview, terminal: Terminal): string {
  const accents = threats.map((_, column) =>
    extremes(
      rows.map(({ worst }) => worst[column]?.robustAccuracy.value),
      'high',
    ),
  );
  return textTable(
    ['model', ...threats, 'no attack'],
    rows.map(({ model, cleanAccuracy, worst }) => [
      model,
      ...worst.map((row, column) =>
        row ? accented(worstCell(row), accents[column]!(row.robustAccuracy.value), terminal) : '',
      ),
      percentText(cleanAccuracy),
    ]),
    terminal,
  );
}

function curves(diagram: RobustnessDiagram, terminal: Terminal): string {
  const { columns, rows } = curveTable(diagram);
  return textTable(
    ['epsilon', ...columns],
    rows.map(({ name, values }) => [name, ...values.map((value) => formatFigure(value, 'fraction'))]),
    terminal,
  );
}
