import { openStore } from '@rampart/results';
import { Command } from 'commander';

import { serveDashboard } from '../dashboard-server';
import { portOption, storeOption } from '../options';
import { untilInterrupted } from '../until-interrupted';

export function dashboardCommand(): Command {
  return new Command('dashboard')
    .description('Serves the dashboard on 127.0.0.1 until it is interrupted.')
    .addOption(storeOption())
    .addOption(portOption())
    .action(async ({ store, port }: { store: string; port: number }) => {
      // Makes the store where there is none: the dashboard opens nothing by itself.
      await (await openStore(store, { create: true })).close();
      const interrupt = untilInterrupted();
      const server = await serveDashboard({ store, port });
      process.stdout.write(`The dashboard is at ${server.address} (results from ${store}). Stop it with Ctrl+C.\n`);
      await Promise.race([server.ended, new Promise((done) => interrupt.signal.addEventListener('abort', done))]);
      await server.stop();
      interrupt.dispose();
    });
}
