import type { CurveRecord } from '@rampart/results';
import { z } from 'zod';

import { thinned } from './cell-details';
import { evaluations } from './gallery-router';
import { attackedMode, label, runId } from './inputs';
import { existing } from './runs-router';
import { procedure, router } from './trpc';

/** A line of a diagram; several seeds are one line of their means. */
export interface CurveSeries {
  readonly name: string;
  readonly model: string;
  readonly seeds: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface CurveDiagram {
  readonly diagram: string;
  readonly series: readonly CurveSeries[];
}

export const curvesRouter = router({
  /** What the run has recorded: training curves, recall against a parameter of an attack. */
  recorded: procedure
    .input(z.object({ id: runId }))
    .query(async ({ ctx: { store }, input }): Promise<{ diagrams: CurveDiagram[]; attacks: string[] }> => {
      const run = await existing(store, input.id);
      const [points, all] = await Promise.all([store.curves.ofRun(run.id), evaluations(store, run)]);
      return { diagrams: arrangeCurves(points), attacks: [...new Set(all.map((one) => one.attack))] };
    }),

  /** Made from the instances: the share that evades within a budget of distortion, or of iterations. */
  budget: procedure
    .input(
      z.object({
        id: runId,
        attack: label,
        mode: attackedMode.default('adaptive'),
        budget: z.enum(['distortion', 'iterations']),
      }),
    )
    .query(async ({ ctx: { store }, input }): Promise<CurveSeries[]> => {
      const run = await existing(store, input.id);
      const chosen = (await evaluations(store, run)).filter(
        (one) => one.attack === input.attack && one.mode === input.mode,
      );
      const series: CurveSeries[] = [];
      for (const model of new Set(chosen.map((one) => one.model))) {
        const own = chosen.filter((one) => one.model === model);
        const values: number[] = [];
        let total = 0;
        for (const { evaluateStep } of own) {
          const counts = await store.instances.counts([evaluateStep]);
          total += counts.evaded + counts.resisted + counts.misclassified;
          values.push(...(await store.instances.ofEvading(evaluateStep, input.budget)));
        }
        if (total > 0) series.push({ name: model, model, seeds: own.length, points: shares(values, total) });
      }
      return series;
    }),
});

/** Points by diagram and series, means over the seeds at each x. */
export function arrangeCurves(points: readonly CurveRecord[]): CurveDiagram[] {
  const diagrams = new Map<
    string,
    Map<string, { record: CurveRecord; seeds: Set<number>; ys: Map<number, number[]> }>
  >();
  for (const record of points) {
    // What is noted during training is of many kinds, with an axis each.
    const diagram = record.diagram === 'training' ? `training: ${record.series}` : record.diagram;
    const series = diagrams.get(diagram) ?? new Map();
    diagrams.set(diagram, series);
    const key = JSON.stringify([record.model, record.series]);
    const entry = series.get(key) ?? { record, seeds: new Set(), ys: new Map() };
    series.set(key, entry);
    entry.seeds.add(record.seed);
    entry.ys.set(record.x, [...(entry.ys.get(record.x) ?? []), record.y]);
  }
  return [...diagrams].map(([diagram, series]) => ({
    diagram,
    series: [...series.values()].map(({ record, seeds, ys }) => ({
      name: record.series.includes(record.model) ? record.series : seriesName(record),
      model: record.model,
      seeds: seeds.size,
      points: [...ys]
        .sort(([a], [b]) => a - b)
        .map(([x, values]) => [x, values.reduce((sum, one) => sum + one, 0) / values.length] as const),
    })),
  }));
}

function seriesName({ diagram, model, series }: CurveRecord): string {
  return diagram === 'training' ? model : `${model}: ${series}`;
}

/** The share of all that is at most each value, as a step curve from 0 on. */
export function shares(values: readonly number[], total: number): (readonly [number, number])[] {
  const sorted = [...values].sort((a, b) => a - b);
  const points: (readonly [number, number])[] = [[0, 0]];
  sorted.forEach((value, index) => {
    if (value !== sorted[index + 1]) points.push([value, (index + 1) / total]);
  });
  return thinned(points);
}
