import { parseNumber, RampartError } from '@rampart/core';
import { gateInstancesPerStep, type GateResult, openGate, type Prepared } from '@rampart/experiments';
import { openStore, type RunRecord, type Store } from '@rampart/results';

import { EXIT_FAILED, EXIT_GATE, EXIT_INTERRUPTED, ExitCode } from '../exit-code';
import { modelFileExperiment, runArguments } from '../model-file-experiment';
import type { ModelFileArguments } from '../model-file-options';
import { execute, prepareShown, printPlan } from '../perform';
import { verdictText } from '../report/verdict-text';
import { stoppedText } from '../stopped';
import { untilInterrupted } from '../until-interrupted';

export interface GateArguments extends ModelFileArguments {
  readonly atLeast: string;
  readonly baseline?: string;
}

/** The same, with the share as a number. */
type Asked = Omit<GateArguments, 'atLeast'> & { readonly atLeast: number };

/** `rampart gate`. */
export async function gate(file: string, options: GateArguments): Promise<void> {
  if (options.threats === undefined) {
    throw new RampartError({
      code: 'usage',
      message: 'A gate needs to know what the model is to withstand: pass --threats, such as --threats "linf(8/255)".',
    });
  }
  const atLeast = share(options.atLeast);
  const experiment = modelFileExperiment('gate', file, options);
  const run = { ...runArguments(options), instancesPerStep: gateInstancesPerStep };
  const interrupt = untilInterrupted();
  try {
    const prepared = await prepareShown(experiment, run, interrupt.signal);
    if (options.dryRun) return await printPlan(prepared, run);
    const store = await openStore(options.store, { create: true });
    try {
      await decideOn(prepared, store, { ...options, atLeast }, interrupt.signal);
    } finally {
      await store.close();
    }
  } finally {
    interrupt.dispose();
  }
}

async function decideOn(prepared: Prepared, store: Store, options: Asked, signal: AbortSignal): Promise<void> {
  const { atLeast, baseline } = options;
  const watch = await openGate({ prepared, store, atLeast, baseline, signal });
  const run = await execute(prepared, store, runArguments(options), watch.signal, watch);
  const result = await watch.result(run);
  if (!result) throw stopped(run);
  await remember(store, run, result, atLeast);
  if (options.json) process.stdout.write(`${JSON.stringify({ type: 'gate', run: run.id, atLeast, ...result })}\n`);
  else process.stdout.write(`${verdictText(result, atLeast)}\n`);
  if (!options.json) process.stderr.write(`Run ${run.id}; "rampart report ${run.id}" shows what was measured.\n`);
  if (result.verdict !== 'pass') throw new ExitCode(EXIT_GATE);
}

/** Says in the run what came of it, as a run that ended early has no figure of its own. */
async function remember(store: Store, run: RunRecord, result: GateResult, atLeast: number): Promise<void> {
  const note = `Gate: ${verdictText(result, atLeast)}`;
  await store.runs.update(run.id, { notes: [...new Set([...run.notes, note])] });
  await store.runs.tag(run.id, [...run.tags, 'gate']);
}

function stopped(run: RunRecord): ExitCode {
  const { state, error } = run;
  if (error !== undefined || state !== 'cancelled') process.stderr.write(`rampart: ${error ?? 'the run failed'}\n`);
  if (state !== 'cancelled') return new ExitCode(EXIT_FAILED);
  process.stderr.write(stoppedText(run));
  return new ExitCode(EXIT_INTERRUPTED);
}

/** A share between 0 and 1; fractions such as 9/20 as well. */
function share(text: string): number {
  const message = `Option --at-least: Expected a robust accuracy above 0 and below 1, such as 0.45. Received "${text}".`;
  let value: number;
  try {
    value = parseNumber(text);
  } catch (cause) {
    throw new RampartError({ code: 'usage', message, cause });
  }
  if (value > 0 && value < 1) return value;
  throw new RampartError({ code: 'usage', message });
}
