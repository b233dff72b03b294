import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { messageOf, RampartError } from '@rampart/core';
import type { Kysely } from 'kysely';

import { makeFolders } from './make-folders';
import { openMigrated, openUnchanged } from './open-database';
import type { StoreSchema } from './schema';
import { damaged } from './store-error';

/** The name of the database in the store's folder. */
export const DATABASE_FILE = 'rampart.db';

/**
 * Opens the database of a store that is a folder.
 * @param root absolute
 * @throws RampartError `missing` when it is not there, `store` when it cannot be read or written, is damaged, or is from a newer version
 */
export async function openFolder(
  root: string,
  { create, readOnly }: { readonly create: boolean; readonly readOnly: boolean },
): Promise<Kysely<StoreSchema>> {
  const file = path.join(root, DATABASE_FILE);
  if (create) await makeRoot(root);
  const exists = await isFile(file);
  if (!exists && !create) {
    throw new RampartError({
      code: 'missing',
      message: `There is no store in "${root}" (no ${DATABASE_FILE}). Run an experiment with --store to make one, or name the folder of another.`,
    });
  }
  if (exists) {
    await checkPermissions(file, readOnly);
    await checkFilled(file, root, create);
  }
  return readOnly ? openUnchanged(file) : openMigrated(file);
}

async function makeRoot(root: string): Promise<void> {
  try {
    await makeFolders(root);
    await access(root, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `The store folder "${root}" cannot be written: ${messageOf(error)}. Name a folder that you may write to with --store.`,
    });
  }
}

/** @throws RampartError `store` when something else than a file has its name */
async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found || found.isFile()) return found !== undefined;
  throw new RampartError({
    code: 'store',
    message: `"${file}" is no file, so it is no store. Name another folder with --store.`,
  });
}

/** How long an empty file may be one that another process is about to fill. */
const FILLED_WITHIN_MS = 2000;

/**
 * An empty file is the beginning of a store, or what is left of one: whoever took it for new would hide the loss.
 * @throws RampartError `store`
 */
async function checkFilled(file: string, root: string, create: boolean): Promise<void> {
  const deadline = performance.now() + FILLED_WITHIN_MS;
  const size = async () => (await stat(file)).size;
  while ((await size()) === 0) {
    if (create && !(await stat(path.join(root, 'artifacts')).catch(() => undefined))) return;
    if (performance.now() > deadline) throw damaged('it is empty');
    await delay(50);
  }
}

/**
 * Finds out about permissions before SQLite does, which would say it less clearly. The file itself is not opened here:
 * a process that closes a file loses every lock that it has on it, those of its other SQLite connections among them,
 * and the next process to close the store would take the log of changes away from under them.
 */
async function checkPermissions(file: string, readOnly: boolean): Promise<void> {
  try {
    await access(file, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `The store's database "${file}" cannot be ${readOnly ? 'read' : 'written'}: ${messageOf(error)}. Check its permissions, or name another folder.`,
      cause: error,
    });
  }
}
