import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { messageOf } from '@rampart/core';
import { type JobRecord, openStore, processOwner, type Store } from '@rampart/results';

const LEASE_MS = 15_000;
const POLL_MS = 500;
/** A file whose inspection takes longer is given up. */
const INSPECTION_MS = 120_000;

/** Does what the dashboard asks for, beside it. */
export interface JobWorker {
  stop(): Promise<void>;
}

/**
 * Takes up the jobs of a store: inspections of uploaded models and evaluations. Each is a command of its own in a
 * process of its own, so that no file and no crash can harm this process or the dashboard's; a job whose worker died
 * is taken up again, and its run goes on from where it was.
 */
export async function startJobWorker(directory: string): Promise<JobWorker> {
  const store = await openStore(directory);
  const abort = new AbortController();
  const ended = work(store, abort.signal);
  return {
    async stop() {
      abort.abort();
      await ended;
      await store.close();
    },
  };
}

async function work(store: Store, signal: AbortSignal): Promise<void> {
  const owner = processOwner();
  while (!signal.aborted) {
    const job = await store.jobs.take(['inspect', 'run'], owner, LEASE_MS);
    if (!job) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      continue;
    }
    const renewal = setInterval(() => void store.jobs.renew(job.id, owner, LEASE_MS), LEASE_MS / 3);
    try {
      await store.jobs.finish(job.id, await perform(job, store, signal));
    } catch (error) {
      // A job that was stopped with the dashboard waits for the next one.
      if (!signal.aborted) await store.jobs.fail(job.id, messageOf(error));
    } finally {
      clearInterval(renewal);
    }
  }
}

async function perform(job: JobRecord, store: Store, signal: AbortSignal): Promise<unknown> {
  if (job.kind === 'inspect') {
    const { artifact } = job.request as { artifact: string };
    const lines: string[] = [];
    const file = store.artifacts.path({ checksum: artifact, extension: 'onnx' });
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(INSPECTION_MS)]);
    const failure = await rampart(['inspect', file, '--json'], timeout, (line) => lines.push(line));
    const inspection = parsed(lines.join('\n'));
    // Findings of level problem make the command fail, and are part of what it found out.
    if (inspection === undefined)
      throw new Error(failure?.replaceAll(file, 'the file') ?? 'The inspection said nothing.');
    await store.documents.put(`inspection:${artifact}`, inspection);
    return { artifact };
  }
  const { experiment } = job.request as { experiment: string };
  const folder = await mkdtemp(join(tmpdir(), 'rampart-job-'));
  try {
    const file = join(folder, 'experiment.yaml');
    await writeFile(file, experiment);
    let run: string | undefined;
    const failure = await rampart(['run', file, '--store', store.directory, '--json'], signal, (line) => {
      const event = parsed(line) as { type?: string; run?: unknown } | undefined;
      if (event?.type !== 'run-opened' || run !== undefined) return;
      run = String(event.run);
      void store.jobs.link(job.id, run);
    });
    if (failure !== undefined) throw new Error(failure.replaceAll(file, 'the experiment'));
    return { run };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command of this program. Resolves to what it complained of, or to undefined when it went well. */
function rampart(
  args: readonly string[],
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(__dirname, '..', 'bin', 'rampart.cjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const stop = () => child.kill(args[0] === 'run' ? 'SIGTERM' : 'SIGKILL');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)));
    createInterface({ input: child.stdout }).on('line', onLine);
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      const last = complaint.trim().split('\n').at(-1) ?? '';
      resolve(code === 0 ? undefined : last.replace(/^rampart: /, '') || `It ended with code ${code}.`);
    });
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
