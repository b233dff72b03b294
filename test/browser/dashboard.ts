import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { ROOT } from '../integration/rampart';

export interface Dashboard {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts `rampart dashboard`, which serves the pages and does the jobs that they ask for. */
export async function startRampartDashboard(store: string): Promise<Dashboard> {
  const cli = path.join(ROOT, 'apps/trainer/bin/rampart.cjs');
  const child = spawn(process.execPath, [cli, 'dashboard', '--store', store, '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`rampart dashboard ended: ${said}`)));
  });
  return { address, stop: () => stop(child, 'SIGINT') };
}

/** Serves the dashboard's production build over a store, on a free port of 127.0.0.1. */
export async function startDashboard(
  store: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Dashboard> {
  const port = await freePort();
  const folder = path.join(ROOT, 'apps/dashboard');
  const next = require.resolve('next/dist/bin/next', { paths: [folder] });
  const child = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', String(port)], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', RAMPART_STORE: store, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const address = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`The dashboard ended: ${said}`);
    try {
      await fetch(`${address}/icon.svg`);
      return { address, stop: () => stop(child) };
    } catch {
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  await stop(child);
  throw new Error(`The dashboard did not start: ${said}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(impatient);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
