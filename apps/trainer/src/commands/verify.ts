import { holds, verifyExamples } from '@rampart/experiments';
import { openStore } from '@rampart/results';
import { Command } from 'commander';

import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from '../exit-code';
import { dataDirOption, storeOption } from '../options';
import { openLoading } from '../progress';
import { verificationText } from '../report/verification-text';
import { untilInterrupted } from '../until-interrupted';
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
  const interrupt = untilInterrupted();
  const loading = openLoading('verifying');
  try {
    const store = await openStore(options.store, { readOnly: true });
    try {
      const run = await store.runs.get(id);
      const verification = await verifyExamples(store, run, {
        signal: interrupt.signal,
        onProgress: (progress) => loading.progress(progress),
      });
      loading.close();
      if (options.json) process.stdout.write(`${JSON.stringify(verification, null, 2)}\n`);
      else process.stdout.write(verificationText(verification, run));
      if (!holds(verification)) throw new ExitCode(EXIT_FAILED);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write('Stopped. Nothing was changed.\n');
    throw new ExitCode(EXIT_INTERRUPTED);
  } finally {
    loading.close();
    interrupt.dispose();
  }
}
