import { type ReportCell, type ReportTable, reportTables, type RunRecord, type Store } from '@rampart/results';
import Table from 'cli-table3';

/** Prints the tables of a run for a terminal. */
export async function printReport(store: Store, run: RunRecord): Promise<void> {
  process.stdout.write(reportText(run, reportTables(run, await store.cells.ofRun(run.id))));
}

/** The tables of a run as text: measured, with the published figure in brackets. */
export function reportText(run: RunRecord, tables: readonly ReportTable[]): string {
  const seeds = run.seeds.length === 1 ? `seed ${run.seeds[0]}` : `seeds ${run.seeds.join(', ')}`;
  const lines = [`${run.name}: ${run.dataset}, ${seeds}, engine ${run.engine}, run ${run.id} (${run.state})`];
  for (const note of run.notes) lines.push(note);
  if (tables.length === 0) lines.push('', 'No figures yet.');
  for (const table of tables) lines.push('', table.title, table.note, textTable(table));
  if (run.published && tables.length > 0) lines.push('', "In brackets: the publication's figure.");
  return `${lines.join('\n')}\n`;
}

function textTable(table: ReportTable): string {
  const text = new Table({ head: ['model', ...table.columns], style: { head: [], border: [], compact: true } });
  for (const row of table.rows) {
    text.push([row.model, ...row.cells.map((cell) => (cell ? formatCell(cell, table.unit) : ''))]);
  }
  return text.toString();
}

function formatCell(cell: ReportCell, unit: string): string {
  const deviation = cell.deviation === undefined ? '' : ` ± ${formatFigure(cell.deviation, unit)}`;
  const published = cell.published === undefined ? '' : ` [${formatFigure(cell.published, unit)}]`;
  return `${formatFigure(cell.value, unit)}${deviation}${published}`;
}

/** A figure in its unit: percent for fractions. */
export function formatFigure(value: number, unit: string): string {
  if (unit === 'fraction') return `${(100 * value).toFixed(2)}%`;
  return unit === 'pixel units' ? value.toFixed(4) : value.toFixed(1);
}
