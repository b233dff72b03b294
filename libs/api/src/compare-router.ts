import {
  doubtfulFigures,
  findingsAbout,
  NO_ATTACK,
  readFindings,
  type ReportedFinding,
  WORST_CASE,
} from '@rampart/reports';
import { type RunSummary, specOf } from '@rampart/results';
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
import { settingsDiff } from './settings-diff';
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
  /** Of each column, the audits whose serious findings are about its figure. */
  readonly doubts: readonly (readonly string[])[];
}

const MOST_COLUMNS = 40;

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
          .max(MOST_COLUMNS),
        metric: metricName.default('robust-accuracy'),
        mode: attackedMode.default('adaptive'),
      }),
    )
    .query(async ({ ctx: { store }, input }) => {
      const { metric, mode } = input;
      const columns: (CompareColumn & {
        readonly cells: readonly Comparable[];
        readonly findings: readonly ReportedFinding[];
      })[] = [];
      const metrics = new Set<string>(STANDING_METRICS);
      const compared = new Map<string, RunSummary>();
      const units = new Map<string, string>(STANDING_METRICS.map((one) => [one, 'fraction']));
      for (const { run: id, model } of input.columns) {
        const run = await existing(store, id);
        compared.set(run.id, run);
        const [cells, findings] = await Promise.all([store.cells.ofRun(run.id), readFindings(store, run.id)]);
        for (const cell of cells) {
          metrics.add(cell.metric);
          units.set(cell.metric, cell.unit);
        }
        const models = model === undefined ? [...new Set(cells.map((cell) => cell.model))] : [model];
        const { name, dataset, state, seeds } = run;
        for (const one of models) {
          const own = await comparables(store, run, one, metric, mode);
          columns.push({ run: { id: run.id, name, dataset, state, seeds }, model: one, cells: own, findings });
        }
      }
      const rows = new Map<string, CompareRowKey>();
      for (const { cells } of columns) for (const { key } of cells) rows.set(textOf(key), key);
      return {
        unit: units.get(metric) ?? '',
        metrics: [...metrics],
        runs: [...compared.values()].map(({ id, name }) => ({ id, name })),
        /** In what the runs differ, one value for each of `runs`. */
        settings: settingsDiff([...compared.values()]),
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
            doubts: columns.map(({ model, findings }, index) =>
              found[index] ? doubtsOf(findings, model, key, metric) : [],
            ),
          };
        }),
      };
    }),
});

/** Audits whose serious findings are about a figure; of a standing's worst case, which has what remedies broke, open ones. */
function doubtsOf(
  findings: readonly ReportedFinding[],
  model: string,
  { attack, mode, threat }: CompareRowKey,
  metric: string,
): readonly string[] {
  if (mode !== 'static' && mode !== 'adaptive') return [];
  const settled = attack === WORST_CASE && STANDING_METRICS.some((one) => one === metric);
  const about = findingsAbout(findings, { model, mode, ...(threat !== undefined && { threat }) });
  const left = about.filter(({ resolved }) => !(settled && resolved));
  return doubtfulFigures([{ model, attack, mode }], left).flatMap(({ audits }) => audits);
}

/** In the order of the runs, worst cases first, one attack by its epsilons, what is without an attack last. */
function byPlace([, one]: [string, CompareRowKey], [, other]: [string, CompareRowKey]): number {
  const last = ({ attack }: CompareRowKey) => Number(attack === NO_ATTACK) - Number(attack === WORST_CASE);
  const same = nameOf(one.attack) === nameOf(other.attack) && one.threat === other.threat;
  return last(one) - last(other) || (same ? epsilonOf(one.attack) - epsilonOf(other.attack) : 0);
}

function nameOf(attack: string): string {
  return attack.replace(/\(.*$/, '');
}

function epsilonOf(attack: string): number {
  return Number(specOf(attack)?.params['epsilon'] ?? 0);
}

function textOf({ attack, mode, threat }: CompareRowKey): string {
  return JSON.stringify([attack, mode, threat]);
}
