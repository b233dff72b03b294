import { Command } from 'commander';

import { hostOption, tokenOption } from '../listening';
import { artifactsOption, dataDirOption, portOption, storeOption, workersOption } from '../options';
import type { StartOptions } from '../actions/start';

export function startCommand(): Command {
  return new Command('start')
    .description('Runs the quickstart experiment with the dashboard beside it, then serves the dashboard.')
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(dataDirOption())
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(tokenOption())
    .addOption(workersOption())
    .option('--no-dashboard', 'end after the table')
    .action(async (options: StartOptions) => (await import('../actions/start.js')).start(options));
}
