import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { messageOf } from '@rampart/core';
import { Kysely } from 'kysely';

import { isCurrent, migrate } from './migrations/migrate';
import type { StoreSchema } from './schema';
import { SqliteDialect } from './sqlite-dialect';
import { damaged, isBusy, primaryCode, storeError } from './store-error';

/** How long a store that another process holds is waited for. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;
const READ_ONLY = 8;
const CANNOT_OPEN = 14;

/** A connection; the file is opened when it is first used. */
function connect(file: string, readOnly: boolean): Kysely<StoreSchema> {
  return new Kysely<StoreSchema>({ dialect: new SqliteDialect(() => openDatabase(file, readOnly)) });
}

/**
 * A connection that changes nothing. The layout is brought up to date all the same, on one that may write.
 * @throws RampartError `store` as `openMigrated`
 */
export async function openUnchanged(file: string): Promise<Kysely<StoreSchema>> {
  const db = connect(file, true);
  try {
    if (await isCurrent(db, dirname(file))) return db;
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw storeError(error, `opening ${file}`);
  }
  await db.destroy();
  await (await openMigrated(file)).destroy();
  return connect(file, true);
}

/**
 * A connection that may write, to a database of this version's layout.
 * @throws RampartError `store` when it cannot be read or written, is damaged, or is from a newer version
 */
export async function openMigrated(file: string): Promise<Kysely<StoreSchema>> {
  const db = connect(file, false);
  try {
    await migrate(db, dirname(file));
    return db;
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw storeError(error, `opening ${file}`);
  }
}

/**
 * Opens the file itself. Where changes that were never brought into it lie beside it, the process that made them was
 * killed, or is at work: what it left is looked through first.
 * @throws RampartError `store`
 */
export function openDatabase(file: string, readOnly: boolean): DatabaseSyncInstance {
  const unclean = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  let database: DatabaseSyncInstance | undefined;
  try {
    database = configured(new DatabaseSync(file, { timeout: PATIENCE_MS }), readOnly);
    if (unclean > 0) checkStructure(database);
    return database;
  } catch (error) {
    database?.close();
    if (readOnly && unclean === 0) {
      const still = unwritable(error, file);
      if (still) return still;
    }
    throw storeError(error, `opening ${file}`);
  }
}

function configured(database: DatabaseSyncInstance, readOnly: boolean): DatabaseSyncInstance {
  try {
    // Readers and one writer at a time, none of them waiting for the other; what is committed survives a kill.
    whenFree(() => database.exec('pragma journal_mode = WAL'));
    database.exec('pragma synchronous = NORMAL; pragma foreign_keys = ON; pragma cache_size = -65536');
    // Files are read, not mapped: a mapped page that the disk does not give back would end the process.
    database.exec('pragma mmap_size = 0');
    if (readOnly) database.exec('pragma query_only = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** On a disk that nobody can write to, nobody changes the file either, and it can be read without locks. */
function unwritable(error: unknown, file: string): DatabaseSyncInstance | undefined {
  if (![READ_ONLY, CANNOT_OPEN].includes(primaryCode(error)) || !existsSync(file)) return undefined;
  const address = pathToFileURL(file);
  address.searchParams.set('immutable', '1');
  try {
    return new DatabaseSync(address, { readOnly: true });
  } catch {
    return undefined;
  }
}

/** @throws RampartError `store` with the first fault */
function checkStructure(database: DatabaseSyncInstance): void {
  const [row] = database.prepare('pragma quick_check(1)').all() as { quick_check?: unknown }[];
  const found = row?.quick_check;
  if (found !== 'ok') throw damaged(messageOf(found));
}

/**
 * Does what SQLite does not wait for by itself: to change how a new database keeps its journal, while another process
 * does the same, fails at once.
 */
function whenFree(action: () => unknown): void {
  const last = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > last) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
