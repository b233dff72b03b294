import type { Report } from '@rampart/results';
import { stringify } from 'csv-stringify/sync';

const COLUMNS = [
  ...['run', 'table', 'model', 'attack', 'mode', 'metric', 'unit', 'value', 'low', 'high', 'deviation', 'seeds'],
  ...['published', 'difference', 'relative_difference'],
] as const;

/**
 * The figures of a report's tables as CSV, one a line, rates as fractions: for a spreadsheet. Claims and curves, which
 * are no figures of a table, are in the JSON.
 */
export function reportCsv({ run, tables }: Report): string {
  const records = tables.flatMap(({ id, metric, unit, columns, rows }) =>
    rows.flatMap(({ model, cells }) =>
      cells.flatMap((cell, index) => {
        if (!cell) return [];
        const { published, difference } = cell;
        const relative = published && difference !== undefined ? difference / published : undefined;
        const place = { run: run.id, table: id, model, attack: columns[index], metric, unit };
        return [
          { ...place, ...cell, relative_difference: relative } satisfies Record<(typeof COLUMNS)[number], unknown>,
        ];
      }),
    ),
  );
  return stringify(records, { header: true, columns: [...COLUMNS] });
}
