import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { messageOf, RampartError, throwIfCancelled, type WorkOptions } from '@rampart/core';

import { ArtifactStore } from './artifact-store';
import { makeFolders } from './make-folders';
import { openDatabase } from './open-database';
import { DATABASE_FILE, openStore, type Store } from './store';
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
    copyDatabase(path.join(store.directory, DATABASE_FILE), path.join(unfinished, DATABASE_FILE));
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

function copyDatabase(from: string, to: string): void {
  const database = openDatabase(from, false);
  try {
    database.prepare('vacuum into ?').run(to);
  } catch (error) {
    throw storeError(error, 'copying the database');
  } finally {
    database.close();
  }
}

async function copyFiles(artifacts: ArtifactStore, to: string, { signal, onProgress }: WorkOptions): Promise<Backup> {
  const copies = new ArtifactStore(to);
  const names = await artifacts.list();
  const faults: string[] = [];
  for (const [done, name] of names.entries()) {
    throwIfCancelled(signal);
    const target = copies.path(name);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(artifacts.path(name), target);
    const fault = await copies.fault(name);
    if (fault !== undefined) {
      faults.push(fault);
      await rm(target, { force: true });
    } else await sync(target);
    onProgress?.({ done: done + 1, total: names.length, unit: 'files' });
  }
  return { files: names.length - faults.length, faults };
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
