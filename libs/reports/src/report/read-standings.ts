import type { RunRecord, Store } from '@rampart/results';
import { attackedEvaluations } from './evaluations';
import { remediedOf, reportedFindings } from './findings';
import { type StandingInput, type StandingTable, standingTables } from './standings';

type Read = Pick<Store, 'cells' | 'findings' | 'instances' | 'models' | 'robustness' | 'runSteps'>;

/** How the models of a run stand up to its attacks: empty before any is evaluated. */
export async function readStandings(store: Read, run: Pick<RunRecord, 'id'>): Promise<StandingTable[]> {
  return standingTables(await standingInput(store, run));
}

/** What is stored of how the models of a run stand up to its attacks, instance by instance. */
export async function standingInput(store: Read, run: Pick<RunRecord, 'id'>): Promise<StandingInput> {
  const [cells, models, robustness, steps, records] = await Promise.all([
    store.cells.ofRun(run.id),
    store.models.ofRun(run.id),
    store.robustness.ofRun(run.id),
    store.runSteps.ofRun(run.id),
    store.findings.ofRun(run.id),
  ]);
  const evaluations = attackedEvaluations(cells);
  const trained = new Set(steps.filter(({ kind }) => kind === 'train').map(({ key }) => key));
  return {
    models,
    undefended: new Set(models.filter(({ step }) => trained.has(step)).map(({ label }) => label)),
    evaluations,
    outcomes: await store.instances.outcomes([...new Set(evaluations.map(({ evaluateStep }) => evaluateStep))]),
    findings: reportedFindings(records),
    remedied: remediedOf(records),
    robustness,
    threatened: robustness.length > 0 || steps.some(({ kind }) => kind === 'robustness'),
  };
}
