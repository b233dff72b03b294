import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { isRampartError, messageOf, RampartError } from '@rampart/core';
import { Kysely } from 'kysely';
import Database from 'libsql';

import { ArtifactStore } from './artifact-store';
import { CellStore } from './cell-store';
import { CurveStore } from './curve-store';
import { DocumentStore } from './document-store';
import { EventStore } from './event-store';
import { FindingStore } from './finding-store';
import { InstanceStore } from './instance-store';
import { JobStore } from './job-store';
import { LibsqlDialect, storeError } from './libsql-dialect';
import { migrate } from './migrations/migrate';
import { ModelStore } from './model-store';
import { RobustnessStore } from './robustness-store';
import { RunStepStore } from './run-step-store';
import { RunStore } from './run-store';
import type { StoreSchema } from './schema';
import { StandingStore } from './standing-store';
import { StepStore } from './step-store';
import { UploadStore } from './upload-store';

/** The name of the database in the store's folder. */
export const DATABASE_FILE = 'rampart.db';

export interface OpenOptions {
  /** Make the store where there is none. Without it a missing store is an error. */
  readonly create?: boolean;
  /** Refuse every change. */
  readonly readOnly?: boolean;
  /** The time, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A folder with everything that runs have found out. Any number of processes may have it open and write to it. */
export interface Store {
  readonly directory: string;
  readonly artifacts: ArtifactStore;
  readonly runs: RunStore;
  readonly runSteps: RunStepStore;
  readonly steps: StepStore;
  readonly events: EventStore;
  readonly cells: CellStore;
  readonly curves: CurveStore;
  readonly models: ModelStore;
  readonly instances: InstanceStore;
  readonly jobs: JobStore;
  readonly documents: DocumentStore;
  readonly robustness: RobustnessStore;
  readonly standings: StandingStore;
  readonly findings: FindingStore;
  readonly uploads: UploadStore;
  /** The time, in milliseconds since the epoch. */
  now(): number;
  close(): Promise<void>;
}

/**
 * Opens a store.
 * @throws RampartError `store` when it is missing, cannot be read or written, is damaged, or is from a newer version
 */
export async function openStore(directory: string, options: OpenOptions = {}): Promise<Store> {
  const root = path.resolve(directory);
  const file = path.join(root, DATABASE_FILE);
  if (options.create) await makeFolder(root);
  const exists = await isFile(file);
  if (!exists && !options.create) {
    throw new RampartError({
      code: 'store',
      message: `There is no store in "${root}" (no ${DATABASE_FILE}). Run an experiment with --store to make one, or name the folder of another.`,
    });
  }
  if (exists) await checkPermissions(file, options.readOnly === true);

  const now = options.now ?? Date.now;
  // Who only reads brings the layout up to date all the same, on a connection that may write.
  if (options.readOnly) await (await openMigrated(file, root)).destroy();
  const db = options.readOnly ? connect(file, true) : await openMigrated(file, root);
  const artifacts = new ArtifactStore(root);
  if (!options.readOnly) await artifacts.sweep(now());
  const documents = new DocumentStore(db, now);
  return {
    directory: root,
    artifacts,
    runs: new RunStore(db, artifacts, now),
    runSteps: new RunStepStore(db),
    steps: new StepStore(db, now),
    events: new EventStore(db, now),
    cells: new CellStore(db),
    curves: new CurveStore(db),
    models: new ModelStore(db),
    instances: new InstanceStore(db),
    jobs: new JobStore(db, now),
    documents,
    robustness: new RobustnessStore(db),
    standings: new StandingStore(db),
    findings: new FindingStore(db),
    uploads: new UploadStore(db, artifacts, documents, now),
    now,
    close: () => db.destroy(),
  };
}

function connect(file: string, readOnly: boolean): Kysely<StoreSchema> {
  return new Kysely<StoreSchema>({ dialect: new LibsqlDialect(() => openDatabase(file, readOnly)) });
}

async function openMigrated(file: string, root: string): Promise<Kysely<StoreSchema>> {
  const db = connect(file, false);
  try {
    await migrate(db, root);
    return db;
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw isRampartError(error) ? error : storeError(error, `opening ${file}`);
  }
}

function openDatabase(file: string, readOnly: boolean): Database.Database {
  try {
    const database = new Database(file);
    database.pragma(`busy_timeout = ${PATIENCE_MS}`);
    // Readers and one writer at a time, none of them waiting for the other; what is committed survives a kill.
    whenFree(() => database.pragma('journal_mode = WAL'));
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.pragma('cache_size = -65536');
    database.pragma('mmap_size = 268435456');
    if (readOnly) database.pragma('query_only = ON');
    return database;
  } catch (error) {
    throw storeError(error, `opening ${file}`);
  }
}

/** How long a store that another process holds is waited for. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;

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
      const busy = String((error as { code?: unknown }).code ?? '').startsWith('SQLITE_BUSY');
      if (!busy || performance.now() > last) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
    await access(root, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `The store folder "${root}" cannot be written: ${messageOf(error)}. Name a folder that you may write to with --store.`,
      cause: error,
    });
  }
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/**
 * Finds out about permissions before SQLite does, which would say it less clearly. The file itself is not opened here:
 * a process that closes a file loses every lock that it has on it, those of its other SQLite connections among them,
 * and the next process to close the store would take the log of changes away from under them.
 */
async function checkPermissions(file: string, readOnly: boolean): Promise<void> {
  try {
    await access(file, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `The store's database "${file}" cannot be ${readOnly ? 'read' : 'written'}: ${messageOf(error)}. Check its permissions, or name another folder.`,
      cause: error,
    });
  }
}
