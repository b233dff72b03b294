import { getSystemErrorMap } from 'node:util';

import { endAtOnce } from './end-at-once';
import { EXIT_FAILED, EXIT_PIPE_CLOSED } from './exit-code';
import { stopWork } from './until-interrupted';

/**
 * Ends the program when what it says can be written nowhere. Without a word where its reader has gone, as
 * `rampart list attacks | head -1` does it: nobody is left to tell anything, and what was finished is in the store.
 * Work that is under way when the disk takes no more output comes to its end in order.
 */
export function endWithOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') endAtOnce('SIGPIPE', EXIT_PIPE_CLOSED);
      if (failed) return;
      failed = true;
      if (stream === process.stdout) {
        process.stderr.write(
          `rampart: The output cannot be written: ${getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.message}.\n`,
        );
      }
      process.exitCode = EXIT_FAILED;
      if (!stopWork(error)) process.exit();
    });
  }
}

let failed = false;

/** Whether output is lost, which makes whatever else the program has come to a failure. */
export function outputFailed(): boolean {
  return failed;
}
