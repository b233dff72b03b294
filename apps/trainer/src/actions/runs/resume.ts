import { RampartError } from '@rampart/core';
import { parseExperiment } from '@rampart/experiments';
import { failedSteps, failedStepsOf, isAttack } from '@rampart/reports';
import type { RunStepState, RunSummary, Store } from '@rampart/results';

import { untilInterrupted } from '../../until-interrupted';
import { performPrepared, prepareShown, type RunArguments } from '../../perform';
import { withStore } from '../../with-store';

export interface ResumeArguments extends Omit<RunArguments, 'engine' | 'leave'> {
  /** Attacks, of all that failed, to try again. */
  readonly retry?: readonly string[];
}

/** `rampart runs resume`. */
export async function resume(id: string, { retry, ...options }: ResumeArguments): Promise<void> {
  const run = await withStore(options.store, { readOnly: true }, (store) => store.runs.get(id));
  checkResumable(run);
  const interrupt = untilInterrupted();
  try {
    const experiment = parseExperiment(run.experiment, `the experiment of run ${run.id}`);
    const asked = { ...options, engine: run.engine, seeds: run.seeds };
    const prepared = await prepareShown(experiment, asked, interrupt.signal);
    if (prepared.plan.key !== run.planKey) throw otherPlan(run);
    const leave =
      retry && (await withStore(options.store, { readOnly: true }, (store) => leftBeside(retry, run, store)));
    await performPrepared(prepared, { ...asked, ...(leave && { leave }) }, interrupt.signal, undefined);
  } finally {
    interrupt.dispose();
  }
}

/** What failed and is not tried again where some attacks are. */
async function leftBeside(
  attacks: readonly string[],
  run: RunSummary,
  store: Store,
): Promise<ReadonlyMap<string, string>> {
  const steps = await store.runSteps.ofRun(run.id);
  const failed = failedSteps(run, steps);
  const tried = new Set<string>();
  for (const attack of attacks) {
    const own = failedStepsOf(attack, run, steps);
    if (own.size === 0) throw nothingFailed(attack, run, steps);
    for (const label of own) tried.add(label);
  }
  return new Map([...failed].filter(([label]) => !tried.has(label)));
}

function nothingFailed(attack: string, run: RunSummary, steps: readonly RunStepState[]): RampartError {
  const labels = [...new Set(steps.flatMap(({ cells = [] }) => cells.map((cell) => cell.attack)))];
  const failed = labels.filter((one) => isAttack(one) && failedStepsOf(one, run, steps).size > 0);
  return new RampartError({
    code: 'usage',
    message: `Nothing of the attack "${attack}" has failed in run ${run.id}. What can be tried again: ${failed.join('; ') || 'none'}.`,
  });
}

function checkResumable({ id, state }: RunSummary): void {
  if (state !== 'done' && state !== 'running') return;
  const advice = state === 'done' ? `"rampart report ${id}" shows it.` : `"rampart runs cancel ${id}" stops it.`;
  throw new RampartError({
    code: 'usage',
    message: `Run ${id} is ${state}: there is nothing to go on with. ${advice}`,
  });
}

/** The files that it names may be others now, or it was made by a command with a plan of its own, such as a gate. */
function otherPlan({ id, stepsTotal }: RunSummary): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The experiment of run ${id} asks for other steps here and now than the ${stepsTotal} that it had: its data, model or component is another, or its paths start elsewhere. Run its own command again, from where it was run.`,
  });
}
