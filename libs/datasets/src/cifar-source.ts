import { join } from 'node:path';

import { type LoadOptions, RampartError, throwIfCancelled } from '@rampart/core';

import type { RawSplit } from './assemble';
import { archiveIdentity, type OfficialArchive, unpackArchive, verifyArchive } from './cifar-archive';
import { type CifarFile, type CifarRecords, readCifarRecords } from './cifar-binary';
import { cachedArchive } from './cifar-cache';
import { type DataFolder, dataFolders } from './data-folder';
import { readUserFile } from './user-path';

/** The files of a split, for training and for testing. */
export interface CifarLayout {
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly note?: string;
}

/** One of the datasets in CIFAR's binary format. */
export interface CifarSource {
  /** CIFAR-10 */
  readonly name: string;
  readonly archive: OfficialArchive;
  readonly records: CifarRecords;
  /** What its folder is called. */
  readonly subfolders: RegExp;
  /** How the files of a data folder may be called, the official way first. */
  readonly layouts: readonly [CifarLayout, ...CifarLayout[]];
}

export interface CifarSplits {
  readonly train: RawSplit;
  readonly test: RawSplit;
  readonly note?: string;
}

/**
 * Reads a dataset in CIFAR's binary format from the user's data folder: its files, or the archive of them. Without a
 * data folder the official archive is downloaded once.
 * @throws RampartError `bad-data` when files are missing or damaged, `unavailable` without a connection
 */
export async function readCifar(source: CifarSource, options: LoadOptions): Promise<CifarSplits> {
  throwIfCancelled(options.signal);
  return options.dataDir === undefined ? fromCache(source, options) : fromFolder(source, options.dataDir, options);
}

async function fromFolder(source: CifarSource, dataDir: string, { signal }: LoadOptions): Promise<CifarSplits> {
  const { archive, layouts, name, subfolders } = source;
  const folders = await dataFolders(dataDir, subfolders);
  for (const folder of folders) {
    for (const layout of layouts) {
      const names = [...layout.train, ...layout.test];
      const present = names.filter((name) => folder.entries.includes(name));
      if (present.length > 0) return readLayout(source, layout, await readFiles(folder, names, present, signal));
    }
    if (folder.entries.includes(archive.name)) return fromArchive(source, join(folder.path, archive.name), signal);
  }
  const files = ({ train, test }: CifarLayout) =>
    `${train.length > 1 ? `${train[0]} to ${train.at(-1)}` : train[0]} and ${test[0]}`;
  throw new RampartError({
    code: 'bad-data',
    message: `"${dataDir}" holds no ${name} data. Expected ${archive.name}, or the files ${layouts.map(files).join(', or ')}. Without --data-dir the official archive is downloaded.`,
  });
}

async function fromArchive(source: CifarSource, path: string, signal: AbortSignal | undefined): Promise<CifarSplits> {
  const official = source.layouts[0];
  const identity = await archiveIdentity(path, source.archive);
  await verifyArchive(path, identity, signal);
  const files = await unpackArchive(path, [...official.train, ...official.test], signal);
  const splits = readLayout(source, official, files);
  if (identity.sha256 === source.archive.sha256) return splits;
  return {
    ...splits,
    note: `${source.name} images from an archive other than the official one, SHA-256 ${identity.sha256}.`,
  };
}

async function fromCache(source: CifarSource, options: LoadOptions): Promise<CifarSplits> {
  const official = source.layouts[0];
  const names = [...official.train, ...official.test];
  const folder = await cachedArchive(source, names, options);
  const files = await readFiles({ path: folder, entries: names }, names, names, options.signal);
  return readLayout(source, official, files);
}

async function readFiles(
  folder: DataFolder,
  names: readonly string[],
  present: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, CifarFile>> {
  const missing = names.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `"${folder.path}" has ${present.join(', ')} but not ${missing.join(', ')}. Expected all of ${names.join(', ')}.`,
    });
  }
  const files = new Map<string, CifarFile>();
  for (const name of names) {
    throwIfCancelled(signal);
    const path = join(folder.path, name);
    files.set(name, { name: path, bytes: await readUserFile(path) });
  }
  return files;
}

function readLayout(
  { records }: CifarSource,
  { train, test, note }: CifarLayout,
  files: ReadonlyMap<string, CifarFile>,
): CifarSplits {
  const split = (names: readonly string[]): RawSplit =>
    readCifarRecords(
      names.map((name) => files.get(name)!),
      records,
    );
  return { train: split(train), test: split(test), ...(note === undefined ? {} : { note }) };
}
