import { isRampartError, messageOf } from '@rampart/core';
import type { Experiment } from '@rampart/experiments';
import type { RunRecord } from '@rampart/results';

import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from './exit-code';

export interface TurnOptions {
  readonly json?: boolean;
  /** Carries out one of them. Undefined where nothing ran. */
  readonly perform: (experiment: Experiment) => Promise<RunRecord | undefined>;
}

/**
 * Runs several experiments one after another, each a run of its own. One that fails does not keep the others from
 * running, and what the others found stands; being stopped ends them all.
 * @throws ExitCode `EXIT_FAILED` at the end, where any of them failed
 */
export async function runInTurn(experiments: readonly Experiment[], options: TurnOptions): Promise<void> {
  const outcomes: string[] = [];
  let failed = false;
  for (const [index, experiment] of experiments.entries()) {
    const { name } = experiment;
    const place = { index: index + 1, of: experiments.length };
    if (options.json) say({ type: 'experiment', name, ...place });
    else process.stdout.write(`${index > 0 ? '\n' : ''}${name} (${place.index} of ${place.of})\n\n`);
    try {
      const run = await options.perform(experiment);
      if (run) outcomes.push(`${name}: ${run.state}, run ${run.id}`);
    } catch (error) {
      if (isStop(error)) throw error;
      failed = true;
      outcomes.push(`${name}: failed, see above`);
      // Of a run that failed everything has been said.
      if (!(error instanceof ExitCode)) process.stderr.write(`rampart: ${name}: ${messageOf(error)}\n`);
      if (options.json) say({ type: 'experiment-failed', name, error: messageOf(error) });
    }
  }
  if (!options.json && outcomes.length > 0) process.stdout.write(`\n${outcomes.join('\n')}\n`);
  if (failed) throw new ExitCode(EXIT_FAILED);
}

/** Whether somebody stopped the work, or it ran into a mistake of the program, which is for nobody to pass over. */
function isStop(error: unknown): boolean {
  if (error instanceof ExitCode) return error.code === EXIT_INTERRUPTED;
  return !isRampartError(error) || error.code === 'cancelled';
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
