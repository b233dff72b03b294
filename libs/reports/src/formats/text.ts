import { attackText, isAttack } from '../report/attack-labels';
import type { CurveDiagram } from '../report/curves';
import type { ReportedDevice } from '../report/devices';
import type { ClaimVerdict } from '../report/judge-claims';
import type { Report } from '../report/read-report';
import type { StandingTable } from '../report/standings';
import type { ReportTable } from '../report/tables';

import { DEVICES_NOTE, DEVICES_TITLE, deviceTexts } from './device-wording';
import { DIFFERENCE_NOTE, figureText, formatFigure } from './figure-text';
import { FINDINGS_NOTE, FINDINGS_TITLE, findingTexts } from './findings-wording';
import { ERROR_RATE_NOTE } from './robustness-wording';
import { sweepTable } from './sweep-table';
import { differenceLines, STANDING_COLUMNS, STANDING_NOTE, standingCells, standingTitle } from './standing-wording';
import { accented, extremes, PLAIN, type Terminal } from './terminal';
import { robustnessLines } from './text-robustness';
import { textTable } from './text-table';
import { runFacts, verdictText, versionsText } from './wording';

/** Comparisons that speak against a claim and are shown in a terminal; the other formats have all of them. */
const SHOWN = 20;

/** A report for a terminal. */
export function reportText(report: Report, terminal: Terminal = PLAIN): string {
  const { run, robustness, tables, claims, curves, madeWith, devices } = report;
  const lines = [
    accented(`${run.name}: ${runFacts(run)}`, 'title', terminal),
    ...run.notes,
    ...standingLines(report, terminal),
    ...findingLines(report, terminal),
    ...robustnessLines(report, terminal),
  ];
  if (tables.length === 0 && robustness.length === 0) lines.push('', 'No figures yet.');
  if (tables.length > 0 && robustness.length > 0) lines.push('', ERROR_RATE_NOTE);
  for (const table of tables) {
    lines.push('', accented(table.title, 'title', terminal), table.note, measuredTable(table, terminal));
  }
  for (const diagram of curves) lines.push(...sweepLines(diagram, terminal));
  if (tables.some(hasPublished))
    lines.push('', `published: what the publication has, then the difference; ${DIFFERENCE_NOTE}.`);
  if (run.seeds.length > 1 && tables.length + robustness.length > 0)
    lines.push('±: the standard deviation over the seeds.');
  if (claims.length > 0 && tables.length > 0)
    lines.push('', "The publication's claims, on this run's figures", ...claims.flatMap(claimLines));
  if (devices.length > 0) lines.push('', DEVICES_TITLE, DEVICES_NOTE, ...devices.flatMap(deviceLines));
  if (madeWith.length > 0) lines.push('', 'Made with', ...madeWith.map((one) => `  ${versionsText(one)}`));
  return `${lines.join('\n')}\n`;
}

function deviceLines(device: ReportedDevice): string[] {
  const { title, sessions } = deviceTexts(device);
  return [`  ${title}`, ...sessions.map((line) => `    ${line}`)];
}

/** What makes figures doubtful, where the eye goes before the figures. */
function findingLines({ findings, run }: Report, terminal: Terminal): string[] {
  if (findings.length === 0) return [];
  return [
    ...['', accented(FINDINGS_TITLE, 'title', terminal), FINDINGS_NOTE],
    ...findingTexts(findings, run.seeds).flatMap(({ state, where, audit, summary, remedies }) => [
      `  ${state}: ${audit}, ${where}`,
      `    ${summary}`,
      ...(remedies.length > 0 ? [`    tried: ${remedies.join('; ')}`] : []),
    ]),
  ];
}

/** What a summary begins with. */
function standingLines({ standings, peculiarities }: Report, terminal: Terminal): string[] {
  if (standings.length === 0) return [];
  return [
    ...standings.flatMap((table) => [
      ...['', accented(standingTitle(table, peculiarities), 'title', terminal)],
      ...[accented(table.headline.title, 'title', terminal), table.headline.text],
      standingTable(table, terminal),
      ...differenceLines(table),
      ...table.notes,
    ]),
    STANDING_NOTE,
  ];
}

function standingTable({ models }: StandingTable, terminal: Terminal): string {
  const accent = extremes(
    models.map(({ robustAccuracy }) => robustAccuracy.value),
    'high',
  );
  const rows = models.map((standing) => {
    const [robust = '', success = '', ...rest] = standingCells(standing, models);
    const shown = [robust, success].map((text) => accented(text, accent(standing.robustAccuracy.value), terminal));
    return [standing.model, ...shown, ...rest];
  });
  return textTable(['model', ...STANDING_COLUMNS], rows, terminal);
}

function hasPublished({ rows }: ReportTable): boolean {
  return rows.some((row) => row.cells.some((cell) => cell?.published !== undefined));
}

/** Of the metrics that speak for or against a model, the figures that are better. */
const BETTER: Readonly<Record<string, 'high' | 'low'>> = { 'error-rate': 'low', recall: 'high', 'success-rate': 'low' };

/** Two lines a model: what was measured, and below it what the publication has. */
function measuredTable(table: ReportTable, terminal: Terminal): string {
  const attacked = (column: number): boolean => isAttack(table.columns[column]!);
  const better = BETTER[table.metric];
  const accent = extremes(
    better
      ? table.rows.flatMap(({ cells }) => cells.flatMap((cell, i) => (cell && attacked(i) ? [cell.value] : [])))
      : [],
    better ?? 'low',
  );
  const rows = table.rows.map(({ model, cells }) => {
    const texts = cells.map((cell) => cell && figureText(cell, table.unit));
    const published = texts.some((text) => text?.published !== undefined);
    return [
      published ? `${model}\n  published` : model,
      ...texts.map((text, column) => {
        if (!text) return '';
        const figure = text.deviation === undefined ? text.measured : `${text.measured} ± ${text.deviation}`;
        const measured = accented(figure, attacked(column) ? accent(cells[column]!.value) : undefined, terminal);
        return text.published === undefined ? measured : `${measured}\n${text.published} (${text.difference})`;
      }),
    ];
  });
  return textTable(['model', ...table.columns.map(attackText)], rows, terminal);
}

function sweepLines(diagram: CurveDiagram, terminal: Terminal): string[] {
  const sweep = sweepTable(diagram);
  if (!sweep) return [];
  const rows = sweep.rows.map(({ name, values }) => [
    name,
    ...values.map((value) => (value === undefined ? '' : formatFigure(value, 'fraction'))),
  ]);
  return ['', accented(sweep.title, 'title', terminal), textTable(['', ...sweep.columns], rows, terminal)];
}

function claimLines(verdict: ClaimVerdict): string[] {
  const { claim, comparisons } = verdict;
  const against = comparisons.filter((comparison) => !comparison.holds);
  const lines = [`${claim.id} ${verdictText(verdict)}: ${claim.text}`];
  for (const { text } of against.slice(0, SHOWN)) lines.push(`     against it: ${text}`);
  for (const what of verdict.restsOn) lines.push(`     rests on ${what}`);
  if (against.length > SHOWN) lines.push(`     and ${against.length - SHOWN} more, which --format markdown shows`);
  return lines;
}
