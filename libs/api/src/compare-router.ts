import { NO_ATTACK } from '@rampart/reports';
import { type RunSummary } from '@rampart/results';
import { z } from 'zod';

import {
  type Comparable,
  comparables,
  type CompareDifference,
  type CompareRowKey,
  differenceFrom,
  STANDING_METRICS,
} from './compare-models';
import { attackedMode, metricName, runId } from './inputs';
import type { MatrixFigure } from './matrix';
import { existing } from './runs-router';
import { procedure, router } from './trpc';

/** One column of a comparison: a model of a run. */
export interface CompareColumn {
  readonly run: Pick<RunSummary, 'id' | 'name' | 'dataset' | 'state' | 'seeds'>;
  readonly model: string;
}

export interface CompareRow extends CompareRowKey {
  /** One for each column. */
  readonly figures: readonly (MatrixFigure | undefined)[];
  /** Of each column from the first; undefined for the first itself, and where a figure is missing. */
  readonly differences: readonly (CompareDifference | undefined)[];
}

export const compareRouter = router({
  /**
   * Models of several runs side by side, one row an attack; what tells each from the first is a paired test on the same
   * instances where that can be. Columns are `RUN` for all its models, or `RUN~MODEL`.
   */
  table: procedure
    .input(
      z.object({
        columns: z
          .array(z.object({ run: runId, model: z.string().max(300).optional() }))
          .min(1)
          .max(12),
        metric: metricName.default('robust-accuracy'),
        mode: attackedMode.default('adaptive'),
      }),
    )
    .query(async ({ ctx: { store }, input }) => {
      const { metric, mode } = input;
      const columns: (CompareColumn & { readonly cells: readonly Comparable[] })[] = [];
      const metrics = new Set<string>(STANDING_METRICS);
      const units = new Map<string, string>(STANDING_METRICS.map((one) => [one, 'fraction']));
      for (const { run: id, model } of input.columns) {
        const run = await existing(store, id);
        const cells = await store.cells.ofRun(run.id);
        for (const cell of cells) {
          metrics.add(cell.metric);
          units.set(cell.metric, cell.unit);
        }
        const models = model === undefined ? [...new Set(cells.map((cell) => cell.model))] : [model];
        const { name, dataset, state, seeds } = run;
        for (const one of models) {
          const own = await comparables(store, run, one, metric, mode);
          columns.push({ run: { id: run.id, name, dataset, state, seeds }, model: one, cells: own });
        }
      }
      const rows = new Map<string, CompareRowKey>();
      for (const { cells } of columns) for (const { key } of cells) rows.set(textOf(key), key);
      return {
        unit: units.get(metric) ?? '',
        metrics: [...metrics],
        columns: columns.map(({ run, model }): CompareColumn => ({ run, model })),
        rows: [...rows].toSorted(byPlace).map(([text, key]): CompareRow => {
          const found = columns.map(({ cells }) => cells.find((cell) => textOf(cell.key) === text));
          const [base] = found;
          return {
            ...key,
            figures: found.map((one) => one?.figure),
            differences: found.map((one, index) =>
              index > 0 && base && one
                ? differenceFrom(base, one, [columns[0]!.run.dataset, columns[index]!.run.dataset])
                : undefined,
            ),
          };
        }),
      };
    }),
});

/** In the order of the runs, but what is without an attack after the worst cases and their attacks. */
function byPlace([, one]: [string, CompareRowKey], [, other]: [string, CompareRowKey]): number {
  const last = ({ attack }: CompareRowKey) => Number(attack === NO_ATTACK);
  return last(one) - last(other);
}

function textOf({ attack, mode, threat }: CompareRowKey): string {
  return JSON.stringify([attack, mode, threat]);
}
