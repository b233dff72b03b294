import type { CurveDiagram } from '../report/curves';
import type { ReportedDevice } from '../report/devices';
import type { ClaimVerdict } from '../report/judge-claims';
import type { Report } from '../report/read-report';
import type { ReportTable } from '../report/tables';

import { DEVICES_NOTE, DEVICES_TITLE, deviceTexts } from './device-wording';
import { DIFFERENCE_NOTE, figureText, formatFigure } from './figure-text';
import { FINDINGS_NOTE, FINDINGS_TITLE, findingTexts } from './findings-wording';
import { ERROR_RATE_NOTE } from './robustness-wording';
import { sweepTable } from './sweep-table';
import { differenceLines, STANDING_COLUMNS, STANDING_NOTE, standingCells, standingTitle } from './standing-wording';
import { robustnessLines } from './text-robustness';
import { textTable } from './text-table';
import { runFacts, verdictText, versionsText } from './wording';

/** Comparisons that speak against a claim and are shown in a terminal; the other formats have all of them. */
const SHOWN = 20;

/** A report for a terminal. */
export function reportText(report: Report): string {
  const { run, robustness, tables, claims, curves, madeWith, devices } = report;
  const lines = [
    `${run.name}: ${runFacts(run)}`,
    ...run.notes,
    ...standingLines(report),
    ...findingLines(report),
    ...robustnessLines(report),
  ];
  if (tables.length === 0 && robustness.length === 0) lines.push('', 'No figures yet.');
  if (tables.length > 0 && robustness.length > 0) lines.push('', ERROR_RATE_NOTE);
  for (const table of tables) lines.push('', table.title, table.note, measuredTable(table));
  for (const diagram of curves) lines.push(...sweepLines(diagram));
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
function findingLines({ findings, run }: Report): string[] {
  if (findings.length === 0) return [];
  return [
    ...['', FINDINGS_TITLE, FINDINGS_NOTE],
    ...findingTexts(findings, run.seeds).flatMap(({ state, where, audit, summary, remedies }) => [
      `  ${state}: ${audit}, ${where}`,
      `    ${summary}`,
      ...(remedies.length > 0 ? [`    tried: ${remedies.join('; ')}`] : []),
    ]),
  ];
}

/** What a summary begins with. */
function standingLines({ standings, peculiarities }: Report): string[] {
  if (standings.length === 0) return [];
  return [
    ...standings.flatMap((table) => [
      ...['', standingTitle(table, peculiarities), table.headline.title, table.headline.text],
      textTable(
        ['model', ...STANDING_COLUMNS],
        table.models.map((standing) => [standing.model, ...standingCells(standing, table.models)]),
      ),
      ...differenceLines(table),
      ...table.notes,
    ]),
    STANDING_NOTE,
  ];
}

function hasPublished({ rows }: ReportTable): boolean {
  return rows.some((row) => row.cells.some((cell) => cell?.published !== undefined));
}

/** Two lines a model: what was measured, and below it what the publication has. */
function measuredTable(table: ReportTable): string {
  const rows = table.rows.map(({ model, cells }) => {
    const texts = cells.map((cell) => cell && figureText(cell, table.unit));
    const published = texts.some((text) => text?.published !== undefined);
    return [
      published ? `${model}\n  published` : model,
      ...texts.map((text) => {
        if (!text) return '';
        const measured = text.deviation === undefined ? text.measured : `${text.measured} ± ${text.deviation}`;
        return text.published === undefined ? measured : `${measured}\n${text.published} (${text.difference})`;
      }),
    ];
  });
  return textTable(['model', ...table.columns], rows);
}

function sweepLines(diagram: CurveDiagram): string[] {
  const sweep = sweepTable(diagram);
  if (!sweep) return [];
  const rows = sweep.rows.map(({ name, values }) => [
    name,
    ...values.map((value) => (value === undefined ? '' : formatFigure(value, 'fraction'))),
  ]);
  return ['', sweep.title, textTable(['', ...sweep.columns], rows)];
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
