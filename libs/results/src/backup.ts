import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { messageOf, RampartError, throwIfCancelled, type WorkOptions } from '@rampart/core';

import type { ArtifactStore } from './artifact-store';
import { DocumentStore } from './document-store';
import { makeFolders } from './make-folders';
import { openArtifacts } from './open-artifacts';
import { openDatabase, openMigrated } from './open-database';
import { DATABASE_FILE } from './open-folder';
import { openStore, type Store } from './store';
import { keepOwnFiles } from './store-artifacts';
import { isServer, shownLocation } from './postgres/location';
import { storeError } from './store-error';

/** What was copied. */
export interface Backup {
  readonly files: number;
  /** What is wrong with files of the store that could therefore not be copied. */
  readonly faults: readonly string[];
}

/**
 * Copies a store into a folder of its own, which is a store in turn, while runs go on: the database as it is at one
 * moment, then every file, each checked as it is read. The folder has its name only when all of it is there.
 * @throws RampartError `usage` when the folder has something in it, `store` when it cannot be written
 */
export async function backupStore(store: Store, target: string, options: WorkOptions = {}): Promise<Backup> {
  if (isServer(store.location)) {
    throw new RampartError({
      code: 'usage',
      message: `"${shownLocation(store.location)}" is on a server, whose own means make copies (pg_dump, or what it is run with); "rampart copy" takes it over into a folder.`,
    });
  }
  const folder = path.resolve(target);
  if ((await readdir(folder).catch(() => [])).length > 0) {
    throw new RampartError({
      code: 'usage',
      message: `The folder "${folder}" has something in it. Expected a new folder for the copy: name another.`,
    });
  }
  const unfinished = `${folder}.unfinished-${process.pid}`;
  try {
    await makeFolders(unfinished);
    await copyDatabase(path.join(store.location, DATABASE_FILE), path.join(unfinished, DATABASE_FILE));
    const backup = await copyFiles(store.artifacts, unfinished, options);
    const copy = await openStore(unfinished);
    await copy.close();
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return backup;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    if (error instanceof RampartError) throw error;
    throw new RampartError({
      code: 'store',
      message: `The copy "${folder}" cannot be written: ${messageOf(error)}. Check free room and permissions, or name another folder.`,
      cause: error,
    });
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const database = openDatabase(from, false);
  try {
    database.prepare('vacuum into ?').run(to);
  } catch (error) {
    throw storeError(error, 'copying the database');
  } finally {
    database.close();
  }
  const copy = await openMigrated(to);
  await keepOwnFiles(new DocumentStore(copy, Date.now));
  await copy.destroy();
}

async function copyFiles(artifacts: ArtifactStore, to: string, { signal, onProgress }: WorkOptions): Promise<Backup> {
  const copies = await openArtifacts(path.join(to, 'artifacts'));
  const names = await artifacts.list();
  const faults: string[] = [];
  for (const [done, name] of names.entries()) {
    throwIfCancelled(signal);
    const fault = await artifacts.copy(name, copies);
    if (fault !== undefined) faults.push(fault);
    onProgress?.({ done: done + 1, total: names.length, unit: 'files' });
  }
  return { files: names.length - faults.length, faults };
}
