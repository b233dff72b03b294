import { isMissingFile, isRampartError, messageOf } from '@rampart/core';
import { CommanderError } from 'commander';

import { EXIT_FAILED, EXIT_USAGE, ExitCode } from './exit-code';

/**
 * Tells what went wrong, once, on standard error; where JSON was asked for, as the last object on standard output, too.
 * @returns the exit code for it
 */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof ExitCode) return error.code;
  // Commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (json) sayJson('usage', error.message.replace(/^error: /, ''), EXIT_USAGE);
    return EXIT_USAGE;
  }
  const code = exitCodeOf(error);
  if (json) sayJson(isRampartError(error) ? error.code : 'unexpected', messageOf(error), code);
  process.stderr.write(`rampart: ${messageOf(error)}\n`);
  if (!isRampartError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return code;
}

/** A mistake of whoever called, a file that is not there among them, or a failure. */
function exitCodeOf(error: unknown): number {
  if (!isRampartError(error)) return EXIT_FAILED;
  return error.code === 'usage' || isMissingFile(error.cause) ? EXIT_USAGE : EXIT_FAILED;
}

function sayJson(code: string, message: string, exitCode: number): void {
  process.stdout.write(`${JSON.stringify({ type: 'error', code, message, exitCode })}\n`);
}
