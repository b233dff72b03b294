import { Command } from 'commander';

import { serveDashboard } from '../dashboard-server';
import { portOption, storeOption } from '../options';
import { untilInterrupted } from '../until-interrupted';

export function dashboardCommand(): Command {
  return new Command('dashboard')
    .description('Serves the dashboard on 127.0.0.1, and does what it asks for, until it is interrupted.')
    .addOption(storeOption())
    .addOption(portOption())
    .action(async ({ store, port }: { store: string; port: number }) => {
      const interrupt = untilInterrupted('stopping the dashboard');
      const server = await serveDashboard({ store, port });
      try {
        process.stdout.write(`The dashboard is at ${server.address} (results from ${store}). Stop it with Ctrl+C.\n`);
        await Promise.race([server.ended, interrupt.fired]);
      } finally {
        await server.stop();
        interrupt.dispose();
      }
    });
}
