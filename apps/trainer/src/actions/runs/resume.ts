import { RampartError } from '@rampart/core';
import { parseExperiment } from '@rampart/experiments';
import type { RunSummary } from '@rampart/results';

import { untilInterrupted } from '../../until-interrupted';
import { performPrepared, prepareShown, type RunArguments } from '../../perform';
import { withStore } from '../../with-store';

/** `rampart runs resume`. */
export async function resume(id: string, options: Omit<RunArguments, 'engine'>): Promise<void> {
  const run = await withStore(options.store, { readOnly: true }, (store) => store.runs.get(id));
  checkResumable(run);
  const interrupt = untilInterrupted();
  try {
    const experiment = parseExperiment(run.experiment, `the experiment of run ${run.id}`);
    const asked = { ...options, engine: run.engine, seeds: run.seeds };
    const prepared = await prepareShown(experiment, asked, interrupt.signal);
    if (prepared.plan.key !== run.planKey) throw otherPlan(run);
    await performPrepared(prepared, asked, interrupt.signal, undefined);
  } finally {
    interrupt.dispose();
  }
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
