import { Command } from 'commander';

import { dataDirOption, storeOption } from '../options';
import type { DoctorArguments } from '../actions/doctor';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Tells what is installed, what is missing and how to mend it. Exit code 0 if the main job can run.')
    .addOption(storeOption())
    .addOption(dataDirOption())
    .option('--json', 'print what was found as JSON')
    .action(async (options: DoctorArguments) => (await import('../actions/doctor.js')).doctor(options));
}
