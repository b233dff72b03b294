import { copyStore, shownLocation } from '@rampart/results';

import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from '../exit-code';
import { openLoading } from '../progress';
import { untilInterrupted } from '../until-interrupted';

export interface CopyArguments {
  readonly from: string;
  readonly to: string;
  readonly artifacts?: string;
}

/** `rampart copy`. */
export async function copy(options: CopyArguments): Promise<void> {
  const interrupt = untilInterrupted('stopping');
  const loading = openLoading('copying');
  try {
    const found = await copyStore(options, {
      signal: interrupt.signal,
      onProgress: (progress) => loading.progress(progress),
    });
    loading.close();
    const { files, steps, runs, before, running, faults } = found;
    const old = (count: number) => (count > 0 ? ` (${count} before)` : '');
    process.stdout.write(
      `${shownLocation(options.to)} has ${files} files${old(before.files)}, ${steps} steps${old(before.steps)} and ${runs} runs${old(before.runs)} of ${shownLocation(options.from)}.\n`,
    );
    for (const id of running) process.stderr.write(`rampart: Run ${id} goes on; copy once more when it has ended\n`);
    for (const fault of faults) process.stderr.write(`rampart: ${fault}; it was not copied\n`);
    if (faults.length > 0) throw new ExitCode(EXIT_FAILED);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write('Stopped. The same command goes on from here.\n');
    throw new ExitCode(EXIT_INTERRUPTED);
  } finally {
    loading.close();
    interrupt.dispose();
  }
}
