import { shownLocation } from '@rampart/results';
import { Command } from 'commander';

import { serveDashboard } from '../dashboard-server';
import { hostOption, type ListeningOptions, tokenOption } from '../listening';
import { artifactsOption, portOption, storeOption } from '../options';
import { untilInterrupted } from '../until-interrupted';

export function dashboardCommand(): Command {
  return new Command('dashboard')
    .description('Serves the dashboard, and does what it asks for, until it is interrupted.')
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .action(async (options: ListeningOptions & { store: string; artifacts?: string }) => {
      const interrupt = untilInterrupted('stopping the dashboard');
      const server = await serveDashboard(options);
      process.stdout.write(
        `The dashboard is at ${server.address} (results from ${shownLocation(options.store)}). Stop it with Ctrl+C.\n`,
      );
      await server.serveUntil(interrupt);
    });
}
