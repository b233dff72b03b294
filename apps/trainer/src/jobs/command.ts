import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { MEMORY_GIVEN_BACK } from '../memory-given-back';

const CLI = join(__dirname, '../../bin/rampart.cjs');
/** Characters of a complaint that are worth showing. */
const COMPLAINT = 4000;

/** What came of a command. */
export interface Ended {
  readonly stdout: string;
  /** What it complained of; undefined where it went well. */
  readonly failure: string | undefined;
}

/** A folder for the files of one command, gone after it. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rampart-job-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface CommandOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The signal that it gets when `signal` fires. */
  readonly stop: NodeJS.Signals;
  /** The store that it works on: not an argument, which everybody on this machine may read. */
  readonly store?: string;
}

/**
 * Runs a command of this program in a process of its own. Its streams are files, not pipes, so that it can go on when
 * this process dies.
 */
export async function runCommand(
  args: readonly string[],
  { folder, signal, stop, store }: CommandOptions,
): Promise<Ended> {
  const out = await open(join(folder, 'stdout'), 'w');
  const err = await open(join(folder, 'stderr'), 'w');
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, ...args], {
        stdio: ['ignore', out.fd, err.fd],
        detached: true,
        env: { ...MEMORY_GIVEN_BACK, ...process.env, ...(store !== undefined && { RAMPART_STORE: store }) },
      });
      const kill = () => void child.kill(stop);
      signal.addEventListener('abort', kill);
      if (signal.aborted) kill();
      child.once('error', reject);
      child.once('close', (...how) => {
        signal.removeEventListener('abort', kill);
        resolve(how);
      });
    });
    const stdout = await readFile(join(folder, 'stdout'), 'utf8');
    if (code === 0) return { stdout, failure: undefined };
    if (killedBy !== null) return { stdout, failure: `Its process was killed (${killedBy}).` };
    const lines = (await readFile(join(folder, 'stderr'), 'utf8')).slice(-COMPLAINT).trim().split('\n');
    // An error that nobody expected is followed by where it came from.
    const complaint = lines.findLast((line) => line.startsWith('rampart: ')) ?? lines.at(-1);
    return { stdout, failure: complaint?.replace(/^rampart: /, '') || `It ended with code ${code}.` };
  } finally {
    await out.close();
    await err.close();
  }
}
