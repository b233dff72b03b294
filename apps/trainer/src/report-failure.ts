import { isRampartError, messageOf } from '@rampart/core';

import { EXIT_FAILED, EXIT_USAGE } from './exit-code';
import { sayJson } from './say-json';

/** Tells about an error of a command at work. @returns the exit code for it */
export function reportFailure(error: unknown, json: boolean): number {
  const code = exitCodeOf(error);
  if (json) sayJson(isRampartError(error) ? error.code : 'unexpected', messageOf(error), code);
  process.stderr.write(`rampart: ${messageOf(error)}\n`);
  if (!isRampartError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return code;
}

/** A mistake of whoever called, something that is not there among them, or a failure. */
function exitCodeOf(error: unknown): number {
  if (!isRampartError(error)) return EXIT_FAILED;
  return error.code === 'usage' || error.code === 'missing' ? EXIT_USAGE : EXIT_FAILED;
}
