import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { messageOf, RampartError } from '@rampart/core';

import { ArtifactStore } from './artifact-store';
import { CellStore } from './cell-store';
import { CurveStore } from './curve-store';
import { DocumentStore } from './document-store';
import { EventStore } from './event-store';
import { FindingStore } from './finding-store';
import { InstanceStore } from './instance-store';
import { JobStore } from './job-store';
import { makeFolders } from './make-folders';
import { ModelStore } from './model-store';
import { openMigrated, openUnchanged } from './open-database';
import { RobustnessStore } from './robustness-store';
import { RunStepStore } from './run-step-store';
import { RunStore } from './run-store';
import { StandingStore } from './standing-store';
import { StepStore } from './step-store';
import { damaged } from './store-error';
import { StoreVerifier } from './store-verifier';
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
  readonly verifier: StoreVerifier;
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
  if (options.create) await makeRoot(root);
  const exists = await isFile(file);
  if (!exists && !options.create) {
    throw new RampartError({
      code: 'store',
      message: `There is no store in "${root}" (no ${DATABASE_FILE}). Run an experiment with --store to make one, or name the folder of another.`,
    });
  }
  if (exists) {
    await checkPermissions(file, options.readOnly === true);
    await checkFilled(file, root, options.create === true);
  }

  const now = options.now ?? Date.now;
  const db = options.readOnly ? await openUnchanged(file) : await openMigrated(file);
  const artifacts = new ArtifactStore(root);
  if (!options.readOnly) await artifacts.sweep(now());
  const documents = new DocumentStore(db, now);
  const steps = new StepStore(db, now);
  return {
    directory: root,
    artifacts,
    runs: new RunStore(db, artifacts, now),
    runSteps: new RunStepStore(db),
    steps,
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
    verifier: new StoreVerifier(file, db, steps, artifacts),
    now,
    close: () => db.destroy(),
  };
}

async function makeRoot(root: string): Promise<void> {
  try {
    await makeFolders(root);
    await access(root, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `The store folder "${root}" cannot be written: ${messageOf(error)}. Name a folder that you may write to with --store.`,
      cause: error,
    });
  }
}

/** @throws RampartError `store` when something else than a file has its name */
async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found || found.isFile()) return found !== undefined;
  throw new RampartError({
    code: 'store',
    message: `"${file}" is no file, so it is no store. Name another folder with --store.`,
  });
}

/** How long an empty file may be one that another process is about to fill. */
const FILLED_WITHIN_MS = 2000;

/**
 * An empty file is the beginning of a store, or what is left of one: whoever took it for new would hide the loss.
 * @throws RampartError `store`
 */
async function checkFilled(file: string, root: string, create: boolean): Promise<void> {
  const deadline = performance.now() + FILLED_WITHIN_MS;
  const size = async () => (await stat(file)).size;
  while ((await size()) === 0) {
    if (create && !(await stat(path.join(root, 'artifacts')).catch(() => undefined))) return;
    if (performance.now() > deadline) throw damaged('it is empty');
    await delay(50);
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
