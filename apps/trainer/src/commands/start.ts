import { Command } from 'commander';

import { serveDashboard } from '../dashboard-server';
import { dataDirOption, portOption, storeOption } from '../options';
import { untilInterrupted } from '../until-interrupted';
import { runExperiment, workersOption } from './run';

export function startCommand(): Command {
  return new Command('start')
    .description('Runs the quickstart experiment with the dashboard beside it, then serves the dashboard.')
    .addOption(storeOption())
    .addOption(dataDirOption())
    .addOption(portOption())
    .addOption(workersOption())
    .option('--no-dashboard', 'end after the table')
    .action(async (options: { store: string; dataDir?: string; port: number; workers: number; dashboard: boolean }) => {
      const server = options.dashboard ? await serveDashboard(options) : undefined;
      try {
        if (server) process.stdout.write(`Watch it on the dashboard: ${server.address}\n`);
        await runExperiment('quickstart', { ...options, engine: 'auto' });
        if (!server) return;
        const interrupt = untilInterrupted('stopping the dashboard');
        process.stdout.write(`The dashboard is at ${server.address}. Stop it with Ctrl+C.\n`);
        await Promise.race([server.ended, interrupt.fired]);
        // A signal handed on a second time must find the handler still there while the server stops.
        await server.stop();
        interrupt.dispose();
      } catch (error) {
        await server?.stop();
        throw error;
      }
    });
}
