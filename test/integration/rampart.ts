import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const ROOT = path.join(__dirname, '../..');
/** The built command line. */
export const CLI = path.join(ROOT, 'apps/trainer/bin/rampart.cjs');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RampartOptions {
  readonly cwd?: string;
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kill the whole process after so many milliseconds, as `kill -9` does. */
  readonly killAfter?: number;
  /** Kills it at once when it fires. */
  readonly killed?: AbortSignal;
  /** Called with everything that it says so far, on both streams. */
  readonly onOutput?: (said: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the built command line. */
export function rampart(args: readonly string[], options: RampartOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: options.cwd ?? ROOT,
      env: {
        ...process.env,
        ...{ RAMPART_STORE: undefined, RAMPART_DATA_DIR: undefined },
        // The suites that run side by side keep the processors busy; every thread more loads the libraries once more.
        RAMPART_WORKERS: '1',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const heard = () => options.onOutput?.(stdout + stderr, (signal) => child.kill(signal));
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      heard();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      heard();
    });
    const timer =
      options.killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.killAfter);
    options.killed?.addEventListener('abort', () => child.kill('SIGKILL'));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** How a command ended, of which nothing but success is expected; where it failed, the test says what it said. */
export async function succeeds(command: Promise<Ended> | Ended | undefined): Promise<Ended> {
  const ended = await command;
  if (ended?.code === 0) return ended;
  throw new Error(`The command was to succeed: ${JSON.stringify(ended, null, 2)}`);
}

/** A folder for one spec, gone after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An experiment that takes seconds: real MNIST, but little of it. */
export const SMALL_EXPERIMENT = `
name: small
published: mnist
dataset: mnist(classes=[4, 7], trainLimit=1500, testLimit=240)
models: [lenet5]
training: { epochs: 2 }
attacks: [fgs(epsilon=0.1), cg, adam]
defenses: ['rad(attack=adam, rounds=1, epochs=1)']
seeds: [1]
`;

/** What a run found out: its figures and the content of its files, without times and identities. */
export interface Findings {
  readonly cells: readonly Record<string, unknown>[];
  readonly models: readonly string[];
}

/** The figures of the last line that `run --json` prints. */
export function findingsOf({ stdout }: Ended): Findings {
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    cells: (Record<string, unknown> & { runId: string })[];
    models: { label: string; seed: number; artifact: string }[];
  };
  return {
    cells: last.cells.map(({ runId: _, ...cell }) => cell),
    models: last.models.map(({ label, seed, artifact }) => `${label} ${seed} ${artifact}`),
  };
}
