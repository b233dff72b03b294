import type { ReportTable, RunRecord } from '@rampart/results';
import { markdownTable } from 'markdown-table';

import { formatFigure } from './report-text';

/** The tables of a run as Markdown. */
export function reportMarkdown(run: RunRecord, tables: readonly ReportTable[]): string {
  const parts = [
    `# ${run.name}`,
    `${run.dataset}, seeds ${run.seeds.join(', ')}, engine ${run.engine}, run ${run.id}.`,
  ];
  for (const note of run.notes) parts.push(note);
  for (const table of tables) {
    const rows = table.rows.map((row) => [
      row.model,
      ...row.cells.map((cell) => {
        if (!cell) return '';
        const deviation = cell.deviation === undefined ? '' : ` ± ${formatFigure(cell.deviation, table.unit)}`;
        const published = cell.published === undefined ? '' : ` (${formatFigure(cell.published, table.unit)})`;
        return `${formatFigure(cell.value, table.unit)}${deviation}${published}`;
      }),
    ]);
    const align = ['l', ...table.columns.map(() => 'r')];
    parts.push(`## ${table.title}`, table.note, markdownTable([['model', ...table.columns], ...rows], { align }));
  }
  if (run.published) parts.push("In brackets: the publication's figure.");
  return `${parts.join('\n\n')}\n`;
}
