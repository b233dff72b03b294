import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import { messageOf, RampartError } from '@rampart/core';

import { ArtifactStore } from './artifact-store';
import { CachedObjects } from './objects/cached-objects';
import { FolderObjects } from './objects/folder-objects';

/** What copies of files on a server may take on this machine where nobody says otherwise. */
const CACHE_MIB = 4096;
const S3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/**
 * What `--artifacts` names, as every process is to call it: `s3://bucket/prefix`, or an absolute folder.
 * @throws RampartError `usage` when it is neither
 */
export function artifactLocation(text: string): string {
  if (!/^[a-z0-9+.-]{2,}:/i.test(text)) return path.resolve(text);
  const [, bucket, prefix = ''] = S3.exec(text) ?? [];
  if (bucket !== undefined) return `s3://${[bucket, ...prefix.split('/')].filter(Boolean).join('/')}`;
  throw new RampartError({
    code: 'usage',
    message: `"${text}" is no place for files. Expected s3://BUCKET, s3://BUCKET/PREFIX or a folder: name one with --artifacts.`,
  });
}

/**
 * The files in a folder or in S3-compatible storage. Of the latter copies are kept on this machine, in
 * `RAMPART_CACHE_DIR` (else the user's cache folder), of at most `RAMPART_CACHE_MIB`.
 * @param location as `artifactLocation` gives it
 * @param options.check when the server is asked whether it can be used, or the folder made; without it one that does
 *   not answer is waited for
 * @throws RampartError `usage` for another location, `store` for a folder that cannot be made, `unavailable` when the server refuses
 */
export async function openArtifacts(
  location: string,
  { check }: { readonly check?: 'now' | 'at first use' } = {},
): Promise<ArtifactStore> {
  const [, bucket, prefix = ''] = S3.exec(artifactLocation(location)) ?? [];
  if (bucket === undefined) {
    if (check === 'now') await makeFolder(location);
    return new ArtifactStore(new FolderObjects(location));
  }
  // Its client takes time and memory that no other place needs.
  const { S3Objects } = await import('./objects/s3-objects.js');
  const objects = new S3Objects({ bucket, prefix }, check === 'at first use');
  if (check === 'now') await objects.check();
  return new ArtifactStore(new CachedObjects(objects, cacheFolder(), cacheBytes()));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `The folder "${folder}" for files cannot be made: ${messageOf(error)}. Check that it is mounted and may be written, or name another with --artifacts.`,
      cause: error,
    });
  }
}

function cacheFolder(): string {
  const own = process.env['RAMPART_CACHE_DIR'];
  const cache = own || path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'rampart');
  return path.resolve(cache, 'artifacts');
}

/** @throws RampartError `usage` */
function cacheBytes(): number {
  const text = process.env['RAMPART_CACHE_MIB'] ?? String(CACHE_MIB);
  if (/^\d{1,9}$/.test(text)) return Number(text) * 2 ** 20;
  throw new RampartError({
    code: 'usage',
    message: `RAMPART_CACHE_MIB is "${text}". Expected a whole number of MiB, such as ${CACHE_MIB}; 0 keeps no copies.`,
  });
}
