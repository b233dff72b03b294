import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { messageOf, RampartError } from '@rampart/core';
import { formatReport } from '@rampart/reports';
import type { RunRecord, Store } from '@rampart/results';

import { terminal } from '../terminal';

/** Prints the report of a run for a terminal. */
export async function printReport(store: Store, run: RunRecord): Promise<void> {
  process.stdout.write(await formatReport(store, run, 'text', terminal()));
}

/**
 * Writes a file all at once: whoever reads it sees the old one or the whole new one.
 * @throws RampartError `usage` where it cannot be written
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const target = resolve(file);
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new RampartError({
      code: 'usage',
      message: `${file} cannot be written: ${messageOf(error)}. Name a file in a folder that exists and that you may write to.`,
      cause: error,
    });
  }
}
