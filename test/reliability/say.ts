import { writeSync } from 'node:fs';

import { isRampartError, messageOf } from '@rampart/core';

import { READY, type Told } from './in-children';
import type { Outcome } from './tally';

/** Tells the parent at once, so that it knows of every trial before the next may end the process. */
export function say(trial: number, outcome: Outcome, said?: string): void {
  const told: Told = { trial, outcome, memory: process.resourceUsage().maxRSS * 1024, ...(said && { said }) };
  writeSync(1, `${JSON.stringify(told)}\n`);
}

/** Tells the parent that the trials begin. */
export function sayReady(): void {
  writeSync(1, `${READY}\n`);
}

/** What an error that ends a trial makes of it. */
export function outcomeOf(error: unknown): { readonly outcome: Outcome; readonly said: string } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return isRampartError(error)
    ? { outcome: 'seen', said: messageOf(error) }
    : { outcome: 'unclean', said: stack === '' ? messageOf(error) : stack };
}
