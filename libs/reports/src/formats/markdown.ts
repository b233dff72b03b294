import { attackText } from '../report/attack-labels';
import type { CurveDiagram } from '../report/curves';
import type { ReportedDevice } from '../report/devices';
import type { ClaimVerdict } from '../report/judge-claims';
import type { Report } from '../report/read-report';
import type { ReportTable } from '../report/tables';

import { DEVICES_NOTE, DEVICES_TITLE, deviceTexts } from './device-wording';
import { DIFFERENCE_NOTE, figureText, formatFigure } from './figure-text';
import { FINDINGS_NOTE, FINDINGS_TITLE, findingTexts } from './findings-wording';
import { robustnessParts } from './markdown-robustness';
import { aligned, escaped } from './markdown-table';
import { ERROR_RATE_NOTE } from './robustness-wording';
import { differenceLines, STANDING_COLUMNS, STANDING_NOTE, standingCells, standingTitle } from './standing-wording';
import { sweepTable } from './sweep-table';
import { runFacts, verdictText, versionsText } from './wording';

/** A report as Markdown: every figure with its interval, every claim with all the comparisons that decide it. */
export function reportMarkdown(report: Report): string {
  const { run, robustness, tables, claims, curves, madeWith, devices } = report;
  const parts = [`# ${escaped(run.name)}`, `${escaped(runFacts(run))}.`, ...run.notes.map(escaped)];
  parts.push(...standingParts(report), ...findingParts(report), ...robustnessParts(report));
  if (robustness.length > 0 && tables.length > 0) parts.push(ERROR_RATE_NOTE);
  if (tables.length > 0) {
    const deviation = run.seeds.length > 1 ? ' ± standard deviation over the seeds' : '';
    parts.push(
      `Each figure: measured${deviation} (95% confidence interval)${run.published ? ' [published, difference]' : ''}.${run.published ? ` Here ${DIFFERENCE_NOTE}.` : ''}`,
    );
  }
  for (const table of tables) parts.push(`## ${table.title}`, escaped(table.note), measuredTable(table));
  for (const diagram of curves) parts.push(...sweepParts(diagram));
  if (claims.length > 0) parts.push("## The publication's claims", ...claims.flatMap(claimParts));
  if (devices.length > 0) parts.push(`## ${DEVICES_TITLE}`, DEVICES_NOTE, ...devices.flatMap(deviceParts));
  if (madeWith.length > 0)
    parts.push('## Made with', madeWith.map((one) => `- ${escaped(versionsText(one))}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function deviceParts(device: ReportedDevice): string[] {
  const { title, sessions } = deviceTexts(device);
  return [escaped(title), sessions.map((line) => `- ${escaped(line)}`).join('\n')];
}

/** What makes figures doubtful. */
function findingParts({ findings, run }: Report): string[] {
  if (findings.length === 0) return [];
  const lines = findingTexts(findings, run.seeds).map(({ state, where, audit, summary, remedies }) => {
    const tried = remedies.length > 0 ? ` Tried: ${remedies.join('; ')}.` : '';
    return `- **${state}: ${audit}**, ${escaped(where)}. ${escaped(summary)}${escaped(tried)}`;
  });
  return [`## ${FINDINGS_TITLE}`, FINDINGS_NOTE, lines.join('\n')];
}

/** What a summary begins with. */
function standingParts({ standings, peculiarities }: Report): string[] {
  if (standings.length === 0) return [];
  return [
    ...standings.flatMap((table) => {
      const { headline, models, notes } = table;
      const lines = [...differenceLines(table), ...notes].map((line) => `- ${escaped(line)}`);
      return [
        `## ${standingTitle(table, peculiarities)}`,
        `**${escaped(headline.title)}.** ${escaped(headline.text)}`,
        aligned(
          ['model', ...STANDING_COLUMNS],
          models.map((standing) => [escaped(standing.model), ...standingCells(standing, models)]),
        ),
        ...(lines.length > 0 ? [lines.join('\n')] : []),
      ];
    }),
    STANDING_NOTE,
  ];
}

function measuredTable(table: ReportTable): string {
  const rows = table.rows.map(({ model, cells }) => [
    escaped(model),
    ...cells.map((cell) => {
      if (!cell) return '';
      const { measured, deviation, interval, published, difference } = figureText(cell, table.unit);
      return [
        measured,
        ...(deviation === undefined ? [] : [`± ${deviation}`]),
        `(${interval})`,
        ...(published === undefined ? [] : [`[${published}, ${difference}]`]),
      ].join(' ');
    }),
  ]);
  return aligned(['model', ...table.columns.map(attackText)], rows);
}

function sweepParts(diagram: CurveDiagram): string[] {
  const sweep = sweepTable(diagram);
  if (!sweep) return [];
  const rows = sweep.rows.map(({ name, values }) => [
    escaped(name),
    ...values.map((value) => (value === undefined ? '' : formatFigure(value, 'fraction'))),
  ]);
  return [`## ${sweep.title}`, aligned(['', ...sweep.columns], rows)];
}

function claimParts(verdict: ClaimVerdict): string[] {
  const { claim, comparisons, restsOn } = verdict;
  const parts = [
    ...[`### ${claim.id} ${verdictText(verdict)}`, claim.text, `Judged by: ${claim.rule}`],
    ...restsOn.map((what) => `It rests on ${escaped(what)}.`),
  ];
  const lines = comparisons.map(({ holds, text }) => `- ${holds ? 'for' : '**against**'}: ${escaped(text)}`);
  return lines.length > 0 ? [...parts, lines.join('\n')] : parts;
}
