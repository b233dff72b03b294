import { serveDashboard } from '../dashboard-server';
import type { ListeningOptions } from '../listening';
import { untilInterrupted } from '../until-interrupted';
import { runExperiment } from '../perform';

export type StartOptions = ListeningOptions & {
  store: string;
  artifacts?: string;
  dataDir?: string;
  workers: number;
  dashboard: boolean;
};

/** `rampart start`. */
export async function start(options: StartOptions): Promise<void> {
  const server = options.dashboard ? await serveDashboard(options) : undefined;
  try {
    if (server) process.stdout.write(`Watch it on the dashboard: ${server.address}\n`);
    await runExperiment('quickstart', { ...options, engine: 'auto' });
    if (!server) return;
    const interrupt = untilInterrupted('stopping the dashboard');
    process.stdout.write(`The dashboard is at ${server.address}. Stop it with Ctrl+C.\n`);
    await server.serveUntil(interrupt);
  } catch (error) {
    await server?.stop();
    throw error;
  }
}
