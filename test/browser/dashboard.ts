import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from '../free-port';
import { ROOT } from '../integration/rampart';

export interface Dashboard {
  /** What it said is to be opened. */
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
  /** Ends it as `kill -9` does. */
  kill(): void;
}

/** Starts `rampart dashboard`, which serves the pages and does the jobs that they ask for. */
export async function startRampartDashboard(
  store: string,
  { port = 0, args = [] }: { readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<Dashboard> {
  const cli = path.join(ROOT, 'apps/trainer/bin/rampart.cjs');
  const child = spawn(process.execPath, [cli, 'dashboard', '--store', store, '--port', String(port), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line)?.[0];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`rampart dashboard ended: ${said}`)));
  });
  return dashboardOf(child, address, 'SIGINT');
}

function dashboardOf(child: ChildProcess, address: string, signal: NodeJS.Signals): Dashboard {
  return { address, pid: child.pid!, stop: () => stop(child, signal), kill: () => void child.kill('SIGKILL') };
}

/** How long a server may take to begin, on a machine that is busy with much else. */
const START_MS = 120_000;

/** Serves the dashboard's production build over a store, on a free port of 127.0.0.1. */
export async function startDashboard(
  store: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Dashboard> {
  const port = await freePort();
  const folder = path.join(ROOT, 'apps/dashboard');
  const child = spawn(process.execPath, [path.join(folder, 'serve.cjs'), '127.0.0.1', String(port)], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', RAMPART_STORE: store, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const address = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + START_MS; Date.now() < deadline;) {
    if (child.exitCode !== null) throw new Error(`The dashboard ended: ${said}`);
    try {
      await fetch(`${address}/icon.svg`);
      return dashboardOf(child, address, 'SIGTERM');
    } catch {
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  await stop(child, 'SIGTERM');
  throw new Error(`The dashboard did not start: ${said}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const impatient = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(impatient);
}
