import { repeatedModels, type Report } from '../report/read-report';
import type { Peculiarities } from '../report/peculiarities';
import { type RobustnessDiagram, robustnessDiagrams } from '../report/robustness-diagrams';
import { type ThreatTable, threatTables } from '../report/threat-tables';

import { curveTable } from './curve-table';
import { formatFigure } from './figure-text';
import { aligned, escaped } from './markdown-table';
import { type Overview, overviews } from './overview';
import {
  attackCells,
  instancesText,
  intervalText,
  optimalityCells,
  percentText,
  worstCell,
  worstText,
} from './robustness-cells';
import {
  ATTACK_COLUMNS,
  OPTIMALITY_COLUMNS,
  OPTIMALITY_NOTE,
  optimalityTitle,
  ROBUSTNESS_NOTE,
  TERMS,
  threatNotes,
  threatTitle,
} from './robustness-wording';

/** How models withstand the threats of a run, as parts of a Markdown text. */
export function robustnessParts(report: Report): string[] {
  const { standings, robustness, robustnessCurves, certificates, optimality, peculiarities } = report;
  const tables = threatTables(robustness, repeatedModels(standings), certificates);
  if (tables.length === 0) return [];
  const several = new Set(optimality.map(({ model }) => model)).size > 1;
  return [
    ROBUSTNESS_NOTE,
    ...overviews(tables, peculiarities).flatMap((overview) => [`## ${overview.title}`, overviewTable(overview)]),
    ...tables.flatMap((table) => [
      `## ${threatTitle(table, peculiarities)}`,
      ...threatNotes(table).map(escaped),
      threatTable(table),
    ]),
    TERMS.map(([term, meaning]) => `- ${term}: ${meaning}`).join('\n'),
    ...robustnessDiagrams(robustnessCurves, tables, certificates).flatMap((diagram) =>
      curveParts(diagram, peculiarities),
    ),
    ...optimality.flatMap((table) => [
      `## ${escaped(optimalityTitle(table, several))}`,
      aligned(
        ['attack', ...OPTIMALITY_COLUMNS],
        table.attacks.map((attack) => [escaped(attack.attack), ...optimalityCells(attack)]),
      ),
    ]),
    ...(optimality.length > 0 ? [OPTIMALITY_NOTE] : []),
  ];
}

function overviewTable({ threats, rows }: Overview): string {
  return aligned(
    ['model', ...threats, 'no attack'],
    rows.map(({ model, cleanAccuracy, worst }) => [
      escaped(model),
      ...worst.map((row) => (row ? worstCell(row, (figure) => `**${figure}**`) : '')),
      percentText(cleanAccuracy),
    ]),
  );
}

/** Below each model its worst case, then every attack: a row has as many cells as there are columns. */
function threatTable({ models }: ThreatTable): string {
  const rows = models.flatMap((row) => {
    const { model, robustAccuracy, certified, cleanAccuracy, success, attacks } = row;
    return [
      [
        `**${escaped(model)}** (${instancesText(row)}): worst case`,
        `**${worstText(row)}** (${intervalText(robustAccuracy)})`,
        '',
        percentText(success),
      ],
      ...(certified ? [['certified', `${percentText(certified)} (${intervalText(certified)})`]] : []),
      ['no attack', percentText(cleanAccuracy)],
      ...attacks.map((attack) => [
        attack.component === undefined ? escaped(attack.attack) : `&emsp;${escaped(attack.component)}`,
        ...attackCells(attack),
      ]),
    ];
  });
  const columns = ['', ...ATTACK_COLUMNS];
  return aligned(
    columns,
    rows.map((row) => columns.map((_, index) => row[index] ?? '')),
  );
}

function curveParts(diagram: RobustnessDiagram, peculiarities: Peculiarities): string[] {
  const { title, columns, rows } = curveTable(diagram, peculiarities);
  return [
    `## ${title}`,
    aligned(
      ['epsilon', ...columns],
      rows.map(({ name, values }) => [escaped(name), ...values.map((value) => formatFigure(value, 'fraction'))]),
    ),
  ];
}
