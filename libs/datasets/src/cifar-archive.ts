import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { messageOf, RampartError, throwIfCancelled } from '@rampart/core';
import { extract } from 'tar-stream';

import type { CifarFile } from './cifar-binary';

/** What an archive must be. */
export interface ArchiveIdentity {
  readonly sha256: string;
  /** Its size in bytes, where that is known. */
  readonly bytes?: number;
}

/** An archive as its authors publish it. */
export interface OfficialArchive extends ArchiveIdentity {
  readonly name: string;
  readonly url: string;
  /** The environment variable that may name a mirror. */
  readonly mirror: string;
  /** Its folder in the cache begins so. */
  readonly folder: string;
}

/** The official archives, https://www.cs.toronto.edu/~kriz/cifar.html. */
export const CIFAR10_ARCHIVE: OfficialArchive = {
  name: 'cifar-10-binary.tar.gz',
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  mirror: 'RAMPART_CIFAR10_URL',
  folder: 'cifar10',
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  bytes: 170_052_171,
};

export const CIFAR100_ARCHIVE: OfficialArchive = {
  name: 'cifar-100-binary.tar.gz',
  url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
  mirror: 'RAMPART_CIFAR100_URL',
  folder: 'cifar100',
  sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
  bytes: 168_513_733,
};

/**
 * Checks the size and the checksum of an archive.
 * @throws RampartError `bad-data` that says which of them is wrong, `cancelled`
 */
export async function verifyArchive(path: string, identity: ArchiveIdentity, signal?: AbortSignal): Promise<void> {
  const { size } = await stat(path);
  if (identity.bytes !== undefined && size !== identity.bytes) {
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected an archive of ${identity.bytes} bytes. Received ${size} bytes: it is ${size < identity.bytes ? 'cut short' : 'another file'}. Fetch it again.`,
    });
  }
  const hash = createHash('sha256');
  await stoppable(pipeline(createReadStream(path), hash, { signal }), signal);
  const received = hash.digest('hex');
  if (received !== identity.sha256) {
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected the SHA-256 checksum ${identity.sha256}. Received ${received}: the archive is damaged or another one. Fetch it again.`,
    });
  }
}

/**
 * The checksum that the user vouches for in a file beside an archive, `<archive>.sha256` as sha256sum writes it;
 * without one, the official archive's.
 */
export async function archiveIdentity(archive: string, official: ArchiveIdentity): Promise<ArchiveIdentity> {
  const path = `${archive}.sha256`;
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return official;
  }
  const sha256 = /^[0-9a-f]{64}\b/i.exec(text)?.[0].toLowerCase();
  if (sha256) return { sha256 };
  throw new RampartError({
    code: 'bad-data',
    message: `${path}: expected a line of 64 hexadecimal digits and a file name, as sha256sum writes it. Received "${text.slice(0, 80)}".`,
  });
}

/**
 * Unpacks the files of the given names from an archive into memory; nothing is written.
 * @throws RampartError `bad-data` when the archive is cut short or damaged, or lacks a file
 */
export async function unpackArchive(
  path: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, CifarFile>> {
  const files = new Map<string, CifarFile>();
  const entries = extract();
  const collect = async (): Promise<void> => {
    for await (const entry of entries) {
      const name = basename(entry.header.name);
      const wanted = entry.header.type === 'file' && names.includes(name);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) if (wanted) chunks.push(chunk as Uint8Array);
      if (wanted) files.set(name, { name: `${path}/${entry.header.name}`, bytes: Buffer.concat(chunks) });
    }
  };
  try {
    const flow = pipeline(createReadStream(path), createGunzip(), entries as unknown as Writable, { signal });
    await stoppable(Promise.all([flow, collect()]), signal);
  } catch (error) {
    if (error instanceof RampartError) throw error;
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected a whole gzipped tar archive. Received one that is cut short or damaged (${messageOf(error)}). Fetch it again.`,
      cause: error,
    });
  }
  const missing = names.filter((name) => !files.has(name));
  if (missing.length > 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected the files ${names.join(', ')}. Received an archive without ${missing.join(', ')}.`,
    });
  }
  return files;
}

/** Waits for work that a signal may stop, and says so in our own words. */
async function stoppable(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  }
}
