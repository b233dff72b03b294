import { Command } from 'commander';

import { dataDirOption, storeOption, workersOption } from '../options';
import type { VerifyArguments } from '../actions/verify';

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Checks that the store holds what was written to it: database, references, and the SHA-256 of every file. With --examples, judges the stored examples of a run again, in sessions opened for it, and names every one that does not hold.',
    )
    .argument('[run]', 'with --examples: its identity, the beginning of it, or "latest"', 'latest')
    .option('--repair', 'do again what is damaged, and the runs that need it')
    .option('--examples', 'check class, distance, box, feasible set, 8-bit values and batch size of every example')
    .addOption(storeOption())
    .option('--json', 'print what was found as JSON')
    .addOption(dataDirOption())
    .addOption(workersOption())
    .action(async (id: string, options: VerifyArguments) => (await import('../actions/verify.js')).verify(id, options));
}
