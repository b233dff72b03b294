import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { defineDataset, type LoadOptions, RampartError, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawSplit } from './assemble';
import { CIFAR_SHAPE, type CifarFile, readCifarRecords } from './cifar-binary';
import { archiveIdentity, CIFAR10_ARCHIVE, unpackArchive, verifyArchive } from './cifar-archive';
import { cachedCifar10 } from './cifar-cache';
import { classChoice, splitLimit } from './class-choice';
import { type DataFolder, dataFolders } from './data-folder';

const NAMES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** The files of a split, for training and for testing. */
interface Layout {
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly note?: string;
}

const OFFICIAL: Layout = {
  train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
  test: ['test_batch.bin'],
};

const OWN: Layout = {
  train: ['train.bin'],
  test: ['test.bin'],
  note: 'CIFAR-10 images from train.bin and test.bin of a data folder, which need not be the official training and test sets.',
};

/** Photographs in CIFAR-10's binary format, from the user's data folder, else downloaded once. */
export const cifar10 = defineDataset({
  name: 'cifar10',
  summary: 'Photographs, 32x32 colour; by default airplane (malicious) against cat (benign)',
  source:
    'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; classes of the publication, section 4',
  version: 1,
  params: z.object({
    classes: classChoice(NAMES, ['airplane', 'cat']),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  async load(params, options) {
    throwIfCancelled(options.signal);
    const source =
      options.dataDir === undefined ? await fromCache(options) : await fromFolder(options.dataDir, options);
    return assembleDataset({ ...source, shape: CIFAR_SHAPE, names: NAMES }, params);
  },
});

interface Splits {
  readonly train: RawSplit;
  readonly test: RawSplit;
  readonly note?: string;
}

async function fromFolder(dataDir: string, { signal }: LoadOptions): Promise<Splits> {
  const folders = await dataFolders(dataDir, /^cifar-?10(?!0)/i);
  for (const folder of folders) {
    for (const layout of [OFFICIAL, OWN]) {
      const names = [...layout.train, ...layout.test];
      const present = names.filter((name) => folder.entries.includes(name));
      if (present.length > 0) return readLayout(layout, await readFiles(folder, names, present, signal));
    }
    if (folder.entries.includes(CIFAR10_ARCHIVE.name))
      return fromArchive(join(folder.path, CIFAR10_ARCHIVE.name), signal);
  }
  throw new RampartError({
    code: 'bad-data',
    message: `"${dataDir}" holds no CIFAR-10 data. Expected ${CIFAR10_ARCHIVE.name}, or the files ${OFFICIAL.train[0]} to ${OFFICIAL.train.at(-1)} and ${OFFICIAL.test[0]}, or train.bin and test.bin. Without --data-dir the official archive is downloaded.`,
  });
}

async function fromArchive(path: string, signal: AbortSignal | undefined): Promise<Splits> {
  const identity = await archiveIdentity(path);
  await verifyArchive(path, identity, signal);
  const splits = readLayout(OFFICIAL, await unpackArchive(path, [...OFFICIAL.train, ...OFFICIAL.test], signal));
  if (identity.sha256 === CIFAR10_ARCHIVE.sha256) return splits;
  return {
    ...splits,
    note: `CIFAR-10 images from an archive other than the official one, SHA-256 ${identity.sha256}.`,
  };
}

async function fromCache(options: LoadOptions): Promise<Splits> {
  const names = [...OFFICIAL.train, ...OFFICIAL.test];
  const folder = await cachedCifar10(names, options);
  return readLayout(OFFICIAL, await readFiles({ path: folder, entries: names }, names, names, options.signal));
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
    files.set(name, { name: path, bytes: await readFile(path) });
  }
  return files;
}

function readLayout({ train, test, note }: Layout, files: ReadonlyMap<string, CifarFile>): Splits {
  const split = (names: readonly string[]): RawSplit =>
    readCifarRecords(
      names.map((name) => files.get(name)!),
      NAMES.length,
    );
  return { train: split(train), test: split(test), ...(note === undefined ? {} : { note }) };
}
