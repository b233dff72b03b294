import { CommanderError } from 'commander';

import { EXIT_USAGE, ExitCode } from './exit-code';
import { sayJson } from './say-json';

/**
 * Tells what went wrong, once, on standard error; where JSON was asked for, as the last object on standard output, too.
 * @returns the exit code for it
 */
export async function reportError(error: unknown, json: boolean): Promise<number> {
  if (error instanceof ExitCode) return error.code;
  // Commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (json) sayJson('usage', error.message.replace(/^error: /, ''), EXIT_USAGE);
    return EXIT_USAGE;
  }
  const { reportFailure } = await import('./report-failure.js');
  return reportFailure(error, json);
}
