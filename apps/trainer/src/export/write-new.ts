import { randomBytes } from 'node:crypto';
import { access, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

import { isRampartError, messageOf, RampartError } from '@rampart/core';

/**
 * @param option that names the path
 * @throws RampartError `usage` where there is something already
 */
export async function refuseExisting(output: string, option = '--output'): Promise<void> {
  const exists = await access(output).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new RampartError({
    code: 'usage',
    message: `There is something at ${resolve(output)} already. Name a path with ${option} that does not exist yet.`,
  });
}

/**
 * Writes a file or a folder that appears under its name only when all of it is there.
 * @param write is given the place to write to
 * @throws RampartError `usage` where it cannot be written, or is there already
 */
export async function writeNew(output: string, write: (path: string) => Promise<void>, option?: string): Promise<void> {
  await refuseExisting(output, option);
  const target = resolve(output);
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await write(temporary);
    await refuseExisting(target, option);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true, recursive: true });
    if (isRampartError(error)) throw error;
    throw new RampartError({
      code: 'usage',
      message: `Nothing can be written to ${target}: ${messageOf(error)}. Name a path in a folder that exists and that you may write to.`,
      cause: error,
    });
  }
}
