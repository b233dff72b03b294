import type { CellRecord } from '@rampart/results';

import { measuring } from './measured-cell';
import type { ReportTable } from './tables';

/**
 * For each attack the error rate of every model, a row each, under the examples made against every model, a column each
 * (Papernot et al. 2016, "Transferability in machine learning", section 3.3). On the diagonal a model is attacked itself.
 */
export function transferTables(cells: readonly CellRecord[]): ReportTable[] {
  const errors = cells.filter(({ metric }) => metric === 'error-rate');
  const replayed = errors.filter(({ mode }) => mode === 'transfer');
  if (replayed.length === 0) return [];
  const measured = measuring(cells);
  const adaptive = errors.filter(({ mode }) => mode === 'adaptive');
  const models = [...new Set(adaptive.map(({ model }) => model))];
  const attacks = [...new Set(adaptive.map(({ attack }) => attack))];
  return attacks.flatMap((attack) => {
    const rows = models.map((model) => ({
      model,
      cells: models.map((other) =>
        measured(
          other === model
            ? adaptive.filter((cell) => cell.model === model && cell.attack === attack)
            : replayed.filter((cell) => cell.model === model && cell.attack === `${attack} of ${other}`),
        ),
      ),
    }));
    const found = rows.some((row) => row.cells.some((cell) => cell?.mode === 'transfer'));
    if (!found) return [];
    return [
      {
        id: `transfer: ${attack}`,
        title: `Transferability: error rate under ${attack} made against each model`,
        note: 'Of the whole test set, attacked or not. Rows are judged, columns are what the examples were made against; where the two are one model, it is attacked itself.',
        ...({ metric: 'error-rate', mode: 'transfer', unit: replayed[0]!.unit } as const),
        columns: models.map((model) => `against ${model}`),
        rows,
      },
    ];
  });
}
