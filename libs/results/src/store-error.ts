import { isRampartError, messageOf, RampartError } from '@rampart/core';

/** What each of SQLite's primary result codes asks for. */
const ADVICE: Readonly<Record<number, string>> = {
  5: 'Another process holds the store for longer than ten seconds; try again when it is done.',
  7: 'There is not enough memory; end other programs or raise the limit, and run the same command again.',
  8: 'Check the permissions of the store folder, or name another one.',
  10: 'The disk did not do what it was asked: see whether it is full, over a limit or failing, and run the same command again.',
  13: 'The disk is full; free some room and run the same command again.',
  14: 'Check the permissions of the store folder and the number of open files, or name another folder.',
};

const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** What is said without a code: in the middle of reading rows, and of a number that cannot have been stored. */
const DAMAGE = /disk image is malformed|too large to be represented/;

/** The error of SQLite as ours, with what can be done about it. */
export function storeError(error: unknown, what: string): RampartError {
  if (isRampartError(error)) return error;
  const code = primaryCode(error);
  if (code === CORRUPT || code === NOT_A_DATABASE || DAMAGE.test(messageOf(error)))
    return damaged(messageOf(error), error);
  const advice = ADVICE[code] ?? `While doing: ${what.slice(0, 120)}`;
  return new RampartError({ code: 'store', message: `The store failed: ${messageOf(error)}. ${advice}`, cause: error });
}

/** That the database does not hold what was written to it. */
export function damaged(what: string, cause?: unknown): RampartError {
  return new RampartError({
    code: 'damaged',
    message: `The store's database rampart.db is damaged or is no store: ${what}. "rampart verify --store DIR" says what else is; restore it from a copy, or name another folder.`,
    cause,
  });
}

/** Whether another connection was in the way. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === 5;
}

/** SQLite's result code without its details; 0 for errors that are not SQLite's. */
export function primaryCode(error: unknown): number {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : 0;
}
