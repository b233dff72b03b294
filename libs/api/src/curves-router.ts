import { arrangeCurves, attackedEvaluations, type CurveDiagram, type CurveSeries } from '@rampart/reports';
import { z } from 'zod';

import { thinned } from './cell-details';
import { type EpsilonCurve, epsilonCurves } from './epsilon-curves';
import { attackedMode, label, runId } from './inputs';
import { existing } from './runs-router';
import { procedure, router } from './trpc';

export const curvesRouter = router({
  /** What the run has recorded: training curves, recall against a parameter of an attack. */
  recorded: procedure
    .input(z.object({ id: runId }))
    .query(async ({ ctx: { store }, input }): Promise<{ diagrams: CurveDiagram[]; attacks: string[] }> => {
      const run = await existing(store, input.id);
      const [points, cells] = await Promise.all([store.curves.ofRun(run.id), store.cells.ofRun(run.id)]);
      const attacks = [...new Set(attackedEvaluations(cells).map((one) => one.attack))];
      return { diagrams: arrangeCurves(points), attacks };
    }),

  /** Made from the instances: what stays right up to each epsilon, the largest change of any feature. */
  epsilon: procedure
    .input(z.object({ id: runId, mode: attackedMode.default('adaptive') }))
    .query(async ({ ctx: { store }, input }): Promise<EpsilonCurve[]> => {
      const run = await existing(store, input.id);
      return epsilonCurves(store, run, input.mode);
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
      const chosen = attackedEvaluations(await store.cells.ofRun(run.id)).filter(
        (one) => one.attack === input.attack && one.mode === input.mode,
      );
      const series: CurveSeries[] = [];
      for (const model of new Set(chosen.map((one) => one.model))) {
        const own = chosen.filter((one) => one.model === model);
        const values: number[] = [];
        let total = 0;
        for (const { evaluateStep } of own) {
          const counts = await store.instances.counts([evaluateStep]);
          total += Object.values(counts).reduce((sum, count) => sum + count, 0);
          values.push(...(await store.instances.ofEvading(evaluateStep, input.budget)));
        }
        if (total > 0) series.push({ name: model, model, seeds: own.length, points: shares(values, total) });
      }
      return series;
    }),
});

/** The share of all that is at most each value, as a step curve from 0 on. */
export function shares(values: readonly number[], total: number): (readonly [number, number])[] {
  const sorted = [...values].sort((a, b) => a - b);
  const points: (readonly [number, number])[] = [[0, 0]];
  sorted.forEach((value, index) => {
    if (value !== sorted[index + 1]) points.push([value, (index + 1) / total]);
  });
  return thinned(points);
}
