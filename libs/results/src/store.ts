import path from 'node:path';

import { type Kysely, sql } from 'kysely';

import type { ArtifactStore } from './artifact-store';
import { CellStore } from './cell-store';
import { CertificateStore } from './certificate-store';
import { CurveStore } from './curve-store';
import { DocumentStore } from './document-store';
import { EventStore, tellToStop } from './event-store';
import { FindingStore } from './finding-store';
import { InstanceStore } from './instance-store';
import { JobStore } from './job-store';
import { ModelStore } from './model-store';
import { NoteStore } from './note-store';
import { DATABASE_FILE } from './open-folder';
import { absoluteLocation, openLocation, ownFolder } from './open-location';
import { currentSchema } from './migrations/migrate';
import { DatabaseClock } from './postgres/database-clock';
import { isServer } from './postgres/location';
import { connectionConfig } from './postgres/open-postgres';
import { Notifications } from './postgres/notifications';
import { StoreServer } from './postgres/store-server';
import { RobustnessStore } from './robustness-store';
import { RunStepStore } from './run-step-store';
import { RunStore } from './run-store';
import type { StoreSchema } from './schema';
import { StandingStore } from './standing-store';
import { StepStore } from './step-store';
import { storeArtifacts } from './store-artifacts';
import { StoreVerifier } from './store-verifier';
import { TokenStore } from './token-store';
import { UploadStore } from './upload-store';
import { ViewStore } from './view-store';
import { WriteLog } from './write-log';
import { WorkerStore } from './worker-store';

export interface OpenOptions {
  /** Make the store where there is none. Without it a missing store is an error. */
  readonly create?: boolean;
  /** Refuse every change. */
  readonly readOnly?: boolean;
  /** Where files are: `s3://bucket/prefix`, or a folder; where the store says when it is left out. */
  readonly artifacts?: string | undefined;
  /** The time, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Everything that runs have found out. Any number of processes may have it open and write to it. */
export interface Store {
  /** An absolute folder, or `postgres://...` with what it takes to get in: what opens it again. */
  readonly location: string;
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
  readonly certificates: CertificateStore;
  readonly uploads: UploadStore;
  readonly tokens: TokenStore;
  readonly notes: NoteStore;
  readonly views: ViewStore;
  readonly writes: WriteLog;
  readonly verifier: StoreVerifier;
  readonly workers: WorkerStore;
  /** Undefined where the store is a folder. */
  readonly server: StoreServer | undefined;
  /** The time, in milliseconds since the epoch. */
  now(): number;
  /**
   * Names what the database holds: the same name, asked for again on this open store, says that nothing was written
   * meanwhile by any process. Undefined where nobody knows, as of a server.
   */
  state(): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a store.
 * @param location a folder, or `postgres://USER:PASSWORD@HOST/DATABASE`
 * @throws RampartError `store` when it is missing, cannot be reached, read or written, is damaged, or is from a newer
 *   version; `usage` when the location is none, or its files are said to be where they are not
 */
export async function openStore(location: string, options: OpenOptions = {}): Promise<Store> {
  const access = { create: options.create === true, readOnly: options.readOnly === true };
  const place = absoluteLocation(location);
  const db = await openLocation(place, access);
  try {
    return await storeOn(db, place, options);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
}

async function storeOn(db: Kysely<StoreSchema>, location: string, options: OpenOptions): Promise<Store> {
  const onServer = isServer(location);
  const clock = onServer && !options.now ? await DatabaseClock.start(db) : undefined;
  const now = options.now ?? (clock ? () => clock.now() : Date.now);
  const documents = new DocumentStore(db, now);
  const artifacts = await storeArtifacts(documents, {
    wanted: options.artifacts,
    own: ownFolder(location),
    readOnly: options.readOnly === true,
  });
  if (!options.readOnly) await artifacts.sweep(now());
  const notifications = onServer ? new Notifications(connectionConfig(location)) : undefined;
  const steps = new StepStore(db, now);
  return {
    location,
    artifacts,
    runs: new RunStore(db, artifacts, now, notifications && ((id) => tellToStop(db, id))),
    runSteps: new RunStepStore(db),
    steps,
    events: new EventStore(db, now, notifications),
    cells: new CellStore(db),
    curves: new CurveStore(db),
    models: new ModelStore(db),
    instances: new InstanceStore(db),
    jobs: new JobStore(db, now),
    documents,
    robustness: new RobustnessStore(db),
    standings: new StandingStore(db),
    findings: new FindingStore(db),
    certificates: new CertificateStore(db),
    uploads: new UploadStore(db, artifacts, documents, now),
    tokens: new TokenStore(db, now),
    notes: new NoteStore(db, now),
    views: new ViewStore(db, now),
    writes: new WriteLog(db, now),
    verifier: new StoreVerifier(onServer ? undefined : path.join(location, DATABASE_FILE), db, steps, artifacts),
    workers: new WorkerStore(db, now),
    server: notifications && new StoreServer(db, await currentSchema(db), notifications),
    now,
    state: async () => (onServer ? undefined : stateOf(db)),
    async close() {
      clock?.stop();
      await notifications?.close();
      await db.destroy();
    },
  };
}

/** SQLite counts what others commit, as this connection sees it, apart from what the connection itself changes. */
async function stateOf(db: Kysely<StoreSchema>): Promise<string> {
  const { rows } = await sql<{ readonly others: number; readonly own: number }>`
    select data_version as others, total_changes() as own from pragma_data_version`.execute(db);
  const [{ others, own }] = rows as [(typeof rows)[number]];
  return `${others} ${own}`;
}
