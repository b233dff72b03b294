import type { ReportTable, RunRecord } from '@rampart/results';
import { stringify } from 'csv-stringify/sync';

/** The figures of a run as CSV, one a line, rates as fractions. */
export function reportCsv(run: RunRecord, tables: readonly ReportTable[]): string {
  const records = tables.flatMap((table) =>
    table.rows.flatMap((row) =>
      row.cells.flatMap((cell, index) => {
        if (!cell) return [];
        const { value, low, high, deviation, seeds, published } = cell;
        const difference = published === undefined ? undefined : value - published;
        const { id, metric, unit, columns } = table;
        return [
          {
            run: run.id,
            table: id,
            model: row.model,
            attack: columns[index],
            metric,
            unit,
            value,
            low,
            high,
            deviation,
            seeds,
            published,
            difference,
          },
        ];
      }),
    ),
  );
  return stringify(records, { header: true });
}
