import {
  readCertificates,
  readRobustness,
  readStandings,
  repeatedModels,
  type RobustnessDiagram,
  robustnessDiagrams,
  type RobustnessPanel,
  type RobustnessPoint,
  type ThreatTable,
  threatTables,
} from '@rampart/reports';
import type { Store } from '@rampart/results';
import { z } from 'zod';

import { thinned } from './cell-details';
import { runId } from './inputs';
import { existing } from './runs-router';
import { procedure, router } from './trpc';
import { whileUnchanged } from './while-unchanged';

/** How a model withstands perturbations of a norm, as it is drawn. */
export interface DrawnRobustness extends RobustnessPanel, Pick<RobustnessDiagram, 'norm' | 'mode'> {
  /** The run's threats in this norm. */
  readonly threats: readonly Pick<ThreatTable, 'threat' | 'epsilon'>[];
  /** Of the test set, a seed. */
  readonly instances: number;
  readonly seeds: number;
}

/** Points of a line, at the most; a run writes 200 a seed. */
const POINTS = 400;

/** Digits of a point's values: what lies beyond them no chart shows, and it would be half of what is sent. */
const DIGITS = 6;

const input = z.object({ id: runId });

/** How the models of a run withstand its threats; nothing for a run without threats. */
export const robustnessRouter = router({
  /** A table for each threat, adaptive before static: models against attacks, the worst case by instance. */
  threats: procedure.input(input).query(async ({ ctx: { store }, input: { id } }) => {
    const run = await existing(store, id);
    const [{ robustness }, standings, certificates] = await Promise.all([
      readRobustness(store, run.id),
      readStandings(store, run),
      readCertificates(store, run.id),
    ]);
    return threatTables(robustness, repeatedModels(standings), certificates);
  }),

  /** Robust accuracy at every epsilon, by norm, mode and model. */
  curves: procedure
    .input(input)
    .query(({ ctx: { store }, input: { id } }) => whileUnchanged(store, `curves of ${id}`, () => curvesOf(store, id))),
});

async function curvesOf(store: Store, id: string): Promise<DrawnRobustness[]> {
  const run = await existing(store, id);
  const [{ robustness, curves }, certificates] = await Promise.all([
    readRobustness(store, run.id),
    readCertificates(store, run.id),
  ]);
  const tables = threatTables(robustness);
  return robustnessDiagrams(curves, tables, certificates).flatMap(({ norm, mode, panels }) => {
    const threats = tables
      .filter((table) => table.norm === norm && table.mode === mode)
      .map(({ threat, epsilon }) => ({ threat, epsilon }));
    return panels.map((panel) => {
      const own = robustness.filter((record) => record.model === panel.model && record.mode === mode);
      return {
        ...panel,
        worstCase: { ...panel.worstCase, points: drawn(panel.worstCase.points) },
        attacks: panel.attacks.map((line) => ({ ...line, points: drawn(line.points) })),
        norm,
        mode,
        threats,
        instances: own[0]?.instances ?? 0,
        seeds: new Set(own.map(({ seed }) => seed)).size,
      };
    });
  });
}

function drawn(points: readonly RobustnessPoint[]): RobustnessPoint[] {
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  return thinned(points, POINTS).map(
    ([epsilon, value, low, high]) => [rounded(epsilon), rounded(value), rounded(low), rounded(high)] as const,
  );
}
