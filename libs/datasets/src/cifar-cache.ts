import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { isRampartError, type LoadOptions, messageOf, RampartError } from '@rampart/core';

import { type OfficialArchive, unpackArchive, verifyArchive } from './cifar-archive';
import { type CifarRecords, readCifarRecords } from './cifar-binary';
import { discardPart, download } from './download';
import { isAbandoned, ownedName } from './owned-file';

const UNPACKING = 'unpacking';

/** Where the archive comes from, and what it must be. */
export interface ArchiveSource {
  readonly url: string;
  readonly sha256: string;
  readonly bytes?: number;
}

/**
 * The folder of the cache that holds the given files of an official archive, which is downloaded, checked and unpacked
 * when it is not there yet. The folder appears in one rename, whole: nothing half-unpacked stays.
 * @param source where it comes from: the official place, unless the archive's environment variable names a mirror
 * @throws RampartError `unavailable` without a connection, `bad-data` when what arrives is not the archive
 */
export async function cachedArchive(
  { archive, records }: { readonly archive: OfficialArchive; readonly records: CifarRecords },
  names: readonly string[],
  options: LoadOptions,
  source: ArchiveSource = officialSource(archive),
  cache: string = cacheFolder(),
): Promise<string> {
  const folder = join(cache, `${archive.folder}-${source.sha256.slice(0, 16)}`);
  if (await exists(folder)) return folder;
  if (options.offline) {
    throw new RampartError({
      code: 'unavailable',
      message: `${archive.name} is not on this machine yet, and nothing is fetched now: a run downloads it from ${source.url}. Or pass the folder that has it as --data-dir.`,
    });
  }
  await inCache(cache, () => mkdir(cache, { recursive: true }));
  await sweep(cache);
  const part = await download(source.url, join(cache, archive.name), options);
  try {
    await verifyArchive(part, source, options.signal);
  } catch (error) {
    // What is not the archive can never become it; a next attempt starts afresh.
    if (isRampartError(error) && error.code === 'bad-data') await discardPart(part);
    throw error;
  }
  const files = await unpackArchive(part, names, options.signal);
  readCifarRecords([...files.values()], records);
  const unpacked = join(cache, ownedName(UNPACKING));
  try {
    await inCache(cache, () => mkdir(unpacked));
    for (const [name, { bytes }] of files) await inCache(cache, () => writeFile(join(unpacked, name), bytes));
    await rename(unpacked, folder);
  } catch (error) {
    await rm(unpacked, { recursive: true, force: true });
    // Another process may have put it there meanwhile.
    if (!(await exists(folder))) throw error;
  }
  await discardPart(part);
  return folder;
}

/** Removes what processes that were killed had begun to unpack. */
async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (isAbandoned(name, UNPACKING)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** `RAMPART_CACHE_DIR`, else the user's cache folder. */
export function cacheFolder(): string {
  const own = process.env['RAMPART_CACHE_DIR'];
  return own ? own : join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rampart');
}

function officialSource(archive: OfficialArchive): ArchiveSource {
  return { ...archive, url: process.env[archive.mirror] || archive.url };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function inCache<T>(cache: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new RampartError({
      code: 'unavailable',
      message: `The cache folder "${cache}" cannot be written (${messageOf(error)}). Set RAMPART_CACHE_DIR to a folder that can, or pass the data with --data-dir.`,
      cause: error,
    });
  }
}
