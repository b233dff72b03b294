import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

import { isMissingFile, messageOf, RampartError, readWholeFile } from '@rampart/core';

/**
 * Where a dataset of the user's own lies: its path, from the data folder on where there is one, else the data folder.
 * @param dataset its name, for messages
 * @throws RampartError `usage` when neither is given
 */
export function userPath(dataset: string, path: string, dataDir: string | undefined): string {
  if (path !== '') return isAbsolute(path) || dataDir === undefined ? resolve(path) : join(dataDir, path);
  if (dataDir !== undefined) return dataDir;
  throw new RampartError({
    code: 'usage',
    message: `${dataset} reads your own data: say where they are, with path="..." or with --data-dir.`,
  });
}

/** Whether the user's path is a folder. @throws RampartError `missing` when there is nothing */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The one file of such names in a folder, or the file itself.
 * @throws RampartError `usage` when there is none, or several to choose among
 */
export async function onlyFile(path: string, endings: readonly string[]): Promise<string> {
  if (!(await isFolder(path))) return path;
  const found = (await readdir(path)).filter((name) => hasEnding(name, endings)).sort();
  if (found.length === 1) return join(path, found[0]!);
  throw new RampartError({
    code: 'usage',
    message: `"${path}": expected one file that ends in ${endings.join(' or ')}. Received ${found.length === 0 ? 'none' : found.join(', ')}: name the file with path="...".`,
  });
}

/** Whether a name ends in one of these, in capitals or not. */
export function hasEnding(name: string, endings: readonly string[]): boolean {
  return endings.some((ending) => name.toLowerCase().endsWith(ending));
}

/** The content of a file of the user's. @throws RampartError `missing` when it is not there, `usage` when it cannot be read */
export async function readUserFile(path: string): Promise<Buffer> {
  try {
    return await readWholeFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): RampartError {
  return new RampartError({
    code: isMissingFile(error) ? 'missing' : 'usage',
    message: `"${path}" cannot be read (${messageOf(error)}). Pass a file or folder that exists.`,
    cause: error,
  });
}
