import { Command } from 'commander';

import { hostOption, type ListeningOptions, tokenOption } from '../listening';
import { artifactsOption, portOption, storeOption } from '../options';

export function dashboardCommand(): Command {
  return new Command('dashboard')
    .description('Serves the dashboard, and does what it asks for, until it is interrupted.')
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .action(async (options: ListeningOptions & { store: string; artifacts?: string }) =>
      (await import('../actions/dashboard.js')).dashboard(options),
    );
}
