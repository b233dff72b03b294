import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { RampartError } from '@rampart/core';
import { listed } from '@rampart/experiments';
import { openStore } from '@rampart/results';

import { describeComponent } from './component-description';
import { startJobWorker } from './job-worker';
import { listening, type ListeningOptions } from './listening';
import type { Interrupt } from './until-interrupted';
import { DASHBOARD, startWebServer } from './web-server';

export interface DashboardServer {
  /** What to open in a browser, the token included where one is needed. */
  readonly address: string;
  /**
   * Serves until it is interrupted, and stops in order.
   * @throws RampartError `unavailable` when the web server cannot be kept up
   */
  serveUntil(interrupt: Interrupt): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Serves the dashboard, and does the work that it asks for.
 * @throws RampartError `unavailable` when it is not built, the port is taken, or it does not come up
 */
export async function serveDashboard(
  options: ListeningOptions & { readonly store: string; readonly artifacts?: string },
): Promise<DashboardServer> {
  if (!existsSync(join(DASHBOARD, '.next', 'BUILD_ID'))) {
    throw new RampartError({
      code: 'unavailable',
      message: 'The dashboard is not built yet. Run "npm run build" at the top of the workspace first.',
    });
  }
  const { host, token, names, address, probe } = listening(options);
  const port = await freePort(options.port, host);
  await prepareStore(options.store, options.artifacts);
  const web = await startWebServer({
    host,
    port,
    probe: probe(port),
    environment: { RAMPART_STORE: options.store, RAMPART_TOKEN: token ?? '', RAMPART_HOSTS: names.join(',') },
  });
  const worker = await startJobWorker(options.store);
  const stop = async () => {
    await worker.stop();
    await web.stop();
  };
  return {
    address: address(port),
    async serveUntil(interrupt) {
      const failure = await Promise.race([web.failed, interrupt.fired]);
      // A signal handed on a second time must find the handler still there while the server stops.
      await stop();
      interrupt.dispose();
      if (failure) throw failure;
    },
    stop,
  };
}

/** Makes the store where there is none, and writes down what an evaluation may choose from. */
async function prepareStore(directory: string, artifacts: string | undefined): Promise<void> {
  const store = await openStore(directory, { create: true, artifacts });
  const described = (kind: 'attacks' | 'datasets' | 'defenses' | 'models') => {
    const registry = listed[kind]!;
    return registry.names().map((name) => describeComponent(registry.get(name)));
  };
  await store.documents.put('catalog', {
    attacks: described('attacks'),
    datasets: described('datasets'),
    defenses: described('defenses'),
    models: described('models'),
  });
  await store.close();
}

/** The port itself if it is free (any free one for 0). @throws RampartError `unavailable` */
function freePort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(
        new RampartError({
          code: 'unavailable',
          message: `Port ${port} of ${host} cannot be used: ${cause.message}. Choose another with --port.`,
          cause,
        }),
      ),
    );
    probe.listen(port, host, () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
}
