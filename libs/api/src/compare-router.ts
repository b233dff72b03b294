import type { CellRecord, RunSummary } from '@rampart/results';
import { z } from 'zod';

import { attackedMode, metricName, runId } from './inputs';
import { figureOf, type MatrixFigure } from './matrix';
import { existing } from './runs-router';
import { procedure, router } from './trpc';

/** One column of a comparison: a model of a run. */
export interface CompareColumn {
  readonly run: Pick<RunSummary, 'id' | 'name' | 'dataset' | 'state' | 'seeds'>;
  readonly model: string;
}

export interface CompareRow {
  readonly attack: string;
  readonly mode: CellRecord['mode'];
  /** One for each column. */
  readonly figures: readonly (MatrixFigure | undefined)[];
}

export const compareRouter = router({
  /**
   * Models of several runs side by side, one row an attack. Columns are `RUN` for all its models, or `RUN~MODEL`.
   */
  table: procedure
    .input(
      z.object({
        columns: z
          .array(z.object({ run: runId, model: z.string().max(300).optional() }))
          .min(1)
          .max(12),
        metric: metricName.default('error-rate'),
        mode: attackedMode.default('adaptive'),
      }),
    )
    .query(async ({ ctx: { store }, input }) => {
      const columns: (CompareColumn & { readonly cells: readonly CellRecord[] })[] = [];
      const metrics = new Set<string>();
      for (const { run: id, model } of input.columns) {
        const run = await existing(store, id);
        const cells = await store.cells.ofRun(run.id);
        cells.forEach((cell) => metrics.add(cell.metric));
        const models = model === undefined ? [...new Set(cells.map((cell) => cell.model))] : [model];
        const { name, dataset, state, seeds } = run;
        for (const one of models) {
          columns.push({
            run: { id: run.id, name, dataset, state, seeds },
            model: one,
            cells: cells.filter(
              (cell) =>
                cell.model === one &&
                cell.metric === input.metric &&
                (cell.mode === 'clean' || cell.mode === input.mode),
            ),
          });
        }
      }
      const rows = new Map<string, Pick<CompareRow, 'attack' | 'mode'>>();
      for (const { cells } of columns) {
        for (const { attack, mode } of cells) rows.set(JSON.stringify([attack, mode]), { attack, mode });
      }
      const unit = columns.flatMap((column) => column.cells)[0]?.unit ?? '';
      return {
        unit,
        metrics: [...metrics],
        columns: columns.map(({ run, model }): CompareColumn => ({ run, model })),
        rows: [...rows.values()].map(({ attack, mode }): CompareRow => ({
          attack,
          mode,
          figures: columns.map(({ cells }) =>
            figureOf(
              cells.filter((cell) => cell.attack === attack && cell.mode === mode),
              undefined,
            ),
          ),
        })),
      };
    }),
});
