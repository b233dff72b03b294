import { Command } from 'commander';

import { dataDirOption, runArgument, storeOption, workersOption } from '../../options';
import type { ResumeArguments } from '../../actions/runs/resume';

export function resumeCommand(): Command {
  return new Command('resume')
    .description('Goes on with a run that failed or was stopped, from what is finished, and prints its report.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .addOption(dataDirOption())
    .addOption(workersOption())
    .option('--retry <attacks...>', 'of all that failed, try these attacks again and nothing else')
    .option('--json', 'print events and figures as JSON, one object a line')
    .action(async (id: string, options: ResumeArguments) =>
      (await import('../../actions/runs/resume.js')).resume(id, options),
    );
}
