import { shownLocation } from '@rampart/results';

import { serveDashboard } from '../dashboard-server';
import type { ListeningOptions } from '../listening';
import { untilInterrupted } from '../until-interrupted';

/** `rampart dashboard`. */
export async function dashboard(options: ListeningOptions & { store: string; artifacts?: string }): Promise<void> {
  const interrupt = untilInterrupted('stopping the dashboard');
  const server = await serveDashboard(options);
  process.stdout.write(
    `The dashboard is at ${server.address} (results from ${shownLocation(options.store)}). Stop it with Ctrl+C.\n`,
  );
  await server.serveUntil(interrupt);
}
