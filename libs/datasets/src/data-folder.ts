import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { isMissingFile, messageOf, RampartError } from '@rampart/core';

/** A folder of the user's and the names of what it holds. */
export interface DataFolder {
  readonly path: string;
  readonly entries: readonly string[];
}

/**
 * The folders that a dataset looks in: the data folder itself, then those of its subfolders whose name matches,
 * in alphabetical order. One data folder can so hold several datasets.
 * @throws RampartError `missing` when there is no such data folder, `usage` when it cannot be read
 */
export async function dataFolders(dataDir: string, subfolders: RegExp): Promise<DataFolder[]> {
  let listing;
  try {
    listing = await readdir(dataDir, { withFileTypes: true });
  } catch (error) {
    throw new RampartError({
      code: isMissingFile(error) ? 'missing' : 'usage',
      message: `The data folder "${dataDir}" cannot be read (${messageOf(error)}). Pass a folder that exists.`,
      cause: error,
    });
  }
  const folders = [{ path: dataDir, entries: listing.map((entry) => entry.name).sort() }];
  for (const name of folders[0]!.entries.filter((entry) => subfolders.test(entry))) {
    const path = join(dataDir, name);
    // A file of a matching name is no folder; what cannot be listed is not looked in.
    const entries = await readdir(path).catch(() => undefined);
    if (entries) folders.push({ path, entries: entries.sort() });
  }
  return folders;
}
