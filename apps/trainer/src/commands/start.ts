import { Command } from 'commander';

import { serveDashboard } from '../dashboard-server';
import { hostOption, type ListeningOptions, tokenOption } from '../listening';
import { artifactsOption, dataDirOption, portOption, storeOption } from '../options';
import { untilInterrupted } from '../until-interrupted';
import { runExperiment, workersOption } from './run';

type StartOptions = ListeningOptions & {
  store: string;
  artifacts?: string;
  dataDir?: string;
  workers: number;
  dashboard: boolean;
};

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
    .action(async (options: StartOptions) => {
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
    });
}
