import type { RunRecord } from '../records';
import type { Store } from '../store';
import { attackedEvaluations } from './evaluations';
import { type StandingTable, standingTables } from './standings';

/** How the models of a run stand up to its attacks: empty before any is evaluated. */
export async function readStandings(
  store: Pick<Store, 'cells' | 'instances' | 'models' | 'robustness' | 'runSteps'>,
  run: Pick<RunRecord, 'id'>,
): Promise<StandingTable[]> {
  const [cells, models, robustness, steps] = await Promise.all([
    store.cells.ofRun(run.id),
    store.models.ofRun(run.id),
    store.robustness.ofRun(run.id),
    store.runSteps.ofRun(run.id),
  ]);
  const evaluations = attackedEvaluations(cells);
  const trained = new Set(steps.filter(({ kind }) => kind === 'train').map(({ key }) => key));
  return standingTables({
    models,
    undefended: new Set(models.filter(({ step }) => trained.has(step)).map(({ label }) => label)),
    evaluations,
    outcomes: await store.instances.outcomes([...new Set(evaluations.map(({ evaluateStep }) => evaluateStep))]),
    robustness,
    threatened: robustness.length > 0 || steps.some(({ kind }) => kind === 'robustness'),
  });
}
