import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { RampartError } from '@rampart/core';
import type { Warning } from '@rampart/experiments';
import type { JobRecord, RunSummary, Store } from '@rampart/results';

import { withStoredFiles } from '../with-stored-files';
import { inFolder, runCommand } from './command';

const POLL_MS = 500;

/** An experiment, and what a run that it goes on with was asked for beside it. */
interface Request {
  readonly experiment?: string;
  /** The name of one that comes with Rampart, instead. */
  readonly preset?: string;
  readonly engine?: string;
  readonly seeds?: readonly number[];
  /** Whether it is asked back before anything is attacked where a model that is taken otherwise does far better. */
  readonly careful?: boolean;
}

/** Runs an experiment that the dashboard wrote. */
export async function evaluateForJob(job: JobRecord, store: Store, signal: AbortSignal): Promise<unknown> {
  // Whoever had this job before may have died, and the run gone on without it.
  if (job.runId !== undefined && (await finished(job.runId, store, signal))) return { run: job.runId };
  if (signal.aborted) return undefined;
  const { experiment, preset, engine, seeds, careful } = job.request as Request;
  return inFolder(async (folder) => {
    const file = join(folder, 'experiment.yaml');
    if (experiment !== undefined) await writeFile(file, await withStoredFiles(experiment, store.artifacts));
    const command = ['run', preset ?? file, '--job', String(job.id), '--json'];
    if (engine !== undefined) command.push('--engine', engine);
    if (seeds !== undefined) command.push('--seeds', seeds.join(','));
    if (careful) command.push('--careful');
    const { stdout, failure } = await runCommand(command, { folder, signal, stop: 'SIGTERM', store: store.location });
    const runId = (await store.jobs.find(job.id))?.runId;
    if (failure === undefined) return { run: runId };
    const run = runId === undefined ? undefined : await store.runs.find(runId);
    if (run?.cancelRequested) throw cancelled();
    const better = careful && runId === undefined ? betterWay(stdout) : undefined;
    if (better) return { better };
    const kept = run && run.state !== 'failed' ? ' What was finished is in the store; it can go on from there.' : '';
    throw new RampartError({ code: 'unavailable', message: failure.replaceAll(file, 'the experiment') + kept });
  });
}

/** The better way to take a model that a command warned of, from what it printed as JSON. */
function betterWay(stdout: string): Warning['better'] {
  for (const line of stdout.split('\n').filter((one) => one.startsWith('{"type":"warning"'))) {
    const { better } = JSON.parse(line) as Warning;
    if (better) return better;
  }
  return undefined;
}

/**
 * Waits for a run that is under way in another process.
 * @returns whether it came to its end; false where it has to be gone on with
 * @throws RampartError `cancelled` where somebody does not want it any more
 */
async function finished(runId: string, store: Store, signal: AbortSignal): Promise<boolean> {
  let run: RunSummary | undefined;
  while ((run = await store.runs.find(runId))?.state === 'running' && !signal.aborted) {
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  if (!run || (run.state === 'cancelled' && run.cancelRequested)) throw cancelled();
  return run.state === 'done';
}

function cancelled(): RampartError {
  return new RampartError({ code: 'cancelled', message: 'It was cancelled.' });
}
