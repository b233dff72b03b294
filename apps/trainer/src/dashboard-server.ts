import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { RampartError } from '@rampart/core';
import { listed } from '@rampart/experiments';
import { openStore } from '@rampart/results';

import { describeComponent } from './component-description';
import { startJobWorker } from './job-worker';

const HOST = '127.0.0.1';
/** The dashboard's place in the workspace: it is started, never imported. */
const FOLDER = join(__dirname, '../../dashboard');
const START_LIMIT_MS = 60_000;

export interface DashboardServer {
  readonly address: string;
  /** Settles when the server's process ends. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Serves the dashboard's production build from a process of its own, and does the work that it asks for.
 * @throws RampartError `unavailable` when it is not built, the port is taken, or it does not come up
 */
export async function serveDashboard(options: { store: string; port: number }): Promise<DashboardServer> {
  if (!existsSync(join(FOLDER, '.next', 'BUILD_ID'))) {
    throw new RampartError({
      code: 'unavailable',
      message: 'The dashboard is not built yet. Run "npm run build" at the top of the workspace first.',
    });
  }
  const port = await freePort(options.port);
  await prepareStore(options.store);
  const next = require.resolve('next/dist/bin/next', { paths: [FOLDER] });
  const child = spawn(process.execPath, [next, 'start', '-H', HOST, '-p', String(port)], {
    cwd: FOLDER,
    env: { ...process.env, RAMPART_STORE: options.store, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: Ctrl+C reaches this process alone, which then ends the server in order.
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  // A dashboard never outlives its parent.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const worker = await startJobWorker(options.store);
  const address = `http://${HOST}:${port}`;
  const server = {
    address,
    ended,
    async stop() {
      await worker.stop();
      await stop(child, ended);
      process.off('exit', kill);
    },
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    try {
      await fetch(`${address}/`, { redirect: 'manual' });
      return server;
    } catch {
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  await server.stop();
  throw new RampartError({
    code: 'unavailable',
    message: `The dashboard did not start on port ${port}: ${said.trim()}`,
  });
}

/** Makes the store where there is none, and writes down what an evaluation may choose from. */
async function prepareStore(directory: string): Promise<void> {
  const store = await openStore(directory, { create: true });
  const described = (kind: 'attacks' | 'datasets' | 'defenses') => {
    const registry = listed[kind]!;
    return registry.names().map((name) => describeComponent(registry.get(name)));
  };
  await store.documents.put('catalog', {
    attacks: described('attacks'),
    datasets: described('datasets'),
    defenses: described('defenses'),
  });
  await store.close();
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null) child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(impatient);
}

/** The port itself if it is free (any free one for 0). @throws RampartError `unavailable` */
function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(
        new RampartError({
          code: 'unavailable',
          message: `Port ${port} of ${HOST} cannot be used: ${cause.message}. Choose another with --port.`,
          cause,
        }),
      ),
    );
    probe.listen(port, HOST, () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
}
