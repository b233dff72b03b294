import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '@rampart/core';
import { type JobRecord, openStore, processOwner, type Store } from '@rampart/results';

import { checkForJob } from './jobs/check';
import { evaluateForJob } from './jobs/evaluate';
import { hardenedForJob } from './jobs/hardened';
import { inspectForJob } from './jobs/inspect';

const LEASE_MS = 15_000;
const POLL_MS = 500;
/** Somebody who types waits for it. */
const CHECK_POLL_MS = 150;
/** An uploaded file that no run and no job refers to is kept for so long. */
const UPLOAD_AGE_MS = 7 * 24 * 3_600_000;

/** Does what the dashboard asks for, beside it. */
export interface JobWorker {
  stop(): Promise<void>;
}

/** How a job of a kind is done; what it returns is the job's result. */
export type JobWork = (job: JobRecord, store: Store, signal: AbortSignal) => Promise<unknown>;

const WORK: Readonly<Record<string, JobWork>> = {
  check: checkForJob,
  hardened: hardenedForJob,
  inspect: inspectForJob,
  run: evaluateForJob,
};

/**
 * Takes up the jobs of a store: checks of experiments as they are typed, inspections of uploaded models, runs, and
 * files of what they hardened, one of each kind at a time. What reads data or models is a command of its own in a
 * process of its own, so that no file and no crash can harm this process or the dashboard's; a job whose worker died
 * is taken up again, and its run goes on from where it was.
 */
export async function startJobWorker(directory: string): Promise<JobWorker> {
  const store = await openStore(directory);
  const abort = new AbortController();
  const ended = Promise.all([tidy(store), ...Object.keys(WORK).map((kind) => work(kind, store, abort.signal))]);
  return {
    async stop() {
      abort.abort();
      await ended;
      await store.close();
    },
  };
}

/** Removes what nobody can want any more. What fails here keeps nobody from anything, and is tried again next time. */
async function tidy(store: Store): Promise<void> {
  for (const clean of [
    () => store.uploads.collect(UPLOAD_AGE_MS),
    () => store.runs.collect(),
    () => store.runs.collectCheckpoints(),
  ]) {
    try {
      await clean();
    } catch (error) {
      process.stderr.write(`rampart: ${messageOf(error)}\n`);
    }
  }
}

async function work(kind: string, store: Store, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const job = await store.jobs.take([kind], processOwner(), LEASE_MS);
      if (job) await perform(job, store, signal);
      else await delay(kind === 'check' ? CHECK_POLL_MS : POLL_MS, undefined, { signal }).catch(() => undefined);
    } catch (error) {
      // A store that is busy for a moment: the job stays, and is taken again.
      process.stderr.write(`rampart: ${messageOf(error)}\n`);
      await delay(LEASE_MS / 3, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function perform(job: JobRecord, store: Store, signal: AbortSignal): Promise<void> {
  const renewal = setInterval(
    () => void store.jobs.renew(job.id, processOwner(), LEASE_MS).catch(() => undefined),
    LEASE_MS / 3,
  );
  try {
    const result = await WORK[job.kind]!(job, store, signal);
    // A job that was stopped with the dashboard waits for the next one.
    if (!signal.aborted) await store.jobs.finish(job.id, result);
  } catch (error) {
    if (!signal.aborted) await store.jobs.fail(job.id, messageOf(error));
  } finally {
    clearInterval(renewal);
  }
}
