import { holds, verifyExamples } from '@rampart/experiments';
import { Command } from 'commander';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { onStore } from '../on-store';
import { dataDirOption, storeOption } from '../options';
import { verificationText } from '../report/verification-text';
import { verifyStore } from '../verify-store';
import { workersOption } from './run';

interface VerifyArguments {
  readonly examples?: boolean;
  readonly repair?: boolean;
  readonly store: string;
  readonly json?: boolean;
  readonly dataDir?: string;
  readonly workers: number;
}

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
    .action(async (id: string, options: VerifyArguments) => {
      if (options.examples) await verify(id, options);
      else await verifyStore(options);
    });
}

async function verify(id: string, options: VerifyArguments): Promise<void> {
  const command = { doing: 'verifying', stopped: 'Stopped. Nothing was changed.' };
  await onStore({ directory: options.store, ...command }, async (store, signal, loading) => {
    const run = await store.runs.get(id);
    const verification = await verifyExamples(store, run, {
      signal,
      onProgress: (progress) => loading.progress(progress),
    });
    loading.close();
    if (options.json) process.stdout.write(`${JSON.stringify(verification, null, 2)}\n`);
    else process.stdout.write(verificationText(verification, run));
    if (!holds(verification)) throw new ExitCode(EXIT_FAILED);
  });
}
