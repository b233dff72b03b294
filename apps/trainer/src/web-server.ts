import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

import { RampartError } from '@rampart/core';

/** The dashboard's place in the workspace: it is started, never imported. */
export const DASHBOARD = join(__dirname, '../../dashboard');
const START_LIMIT_MS = 60_000;
/** Times that a server that died is started again within a minute. */
const RESTARTS = 5;

/** The process that serves the pages. */
export interface WebServer {
  /** Settles when it ended though nobody stopped it, and cannot be kept up. */
  readonly failed: Promise<RampartError>;
  stop(): Promise<void>;
}

export interface WebServerOptions {
  readonly host: string;
  readonly port: number;
  /** What to ask until it answers. */
  readonly probe: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Serves the dashboard's production build from a process of its own, and starts another when that one dies.
 * @throws RampartError `unavailable` when it does not come up
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  let fail!: (error: RampartError) => void;
  const failed = new Promise<RampartError>((done) => (fail = done));
  const deaths: number[] = [];
  let stopped = false;
  let up = false;
  let said = '';
  let child: ChildProcess;

  const start = (): void => {
    child = launch(options);
    child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    child.once('exit', (code, signal) => {
      if (stopped || !up) return;
      deaths.push(Date.now());
      if (deaths.filter((at) => at > Date.now() - 60_000).length > RESTARTS) {
        return fail(unavailable(`The web server ended ${RESTARTS} times within a minute: ${said.trim()}`));
      }
      process.stderr.write(`The web server ended (${signal ?? code}); starting it again.\n`);
      start();
    });
  };
  start();
  const server = {
    failed,
    async stop() {
      stopped = true;
      if (!isAlive(child)) return;
      const exited = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      const impatient = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(impatient);
    },
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && isAlive(child!)) {
    try {
      await fetch(options.probe, { redirect: 'manual' });
      up = true;
      return server;
    } catch {
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  await server.stop();
  throw unavailable(`The dashboard did not start on port ${options.port} of ${options.host}: ${said.trim()}`);
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function unavailable(message: string): RampartError {
  return new RampartError({ code: 'unavailable', message });
}

function launch({ host, port, environment }: WebServerOptions): ChildProcess {
  const preload = ['--require', join(__dirname, 'ends-with-parent.js')];
  return spawn(process.execPath, [...preload, join(DASHBOARD, 'serve.cjs'), host, String(port)], {
    cwd: DASHBOARD,
    env: { ...process.env, ...environment, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    stdio: ['pipe', 'ignore', 'pipe'],
    // A group of its own: Ctrl+C reaches this process alone, which then ends the server in order.
    detached: true,
  });
}
