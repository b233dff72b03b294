import { RampartError, throwIfCancelled, type WorkOptions } from '@rampart/core';
import type { Kysely } from 'kysely';

import type { ArtifactName, ArtifactStore } from '../artifact-store';
import { DocumentStore } from '../document-store';
import { absoluteLocation, openLocation, ownFolder } from '../open-location';
import { shownLocation } from '../postgres/location';
import type { StoreSchema } from '../schema';
import { storeArtifacts } from '../store-artifacts';
import { copyAnnotations } from './copy-annotations';
import { RunCopier } from './run-copier';
import { StepCopier } from './step-copier';

/** What to copy, and where to. */
export interface CopyRequest {
  /** A folder or `postgres://...`. */
  readonly from: string;
  /** Likewise. It is made where there is none; what it has already stays. */
  readonly to: string;
  /** Where the files of `to` are to be, as `openStore` takes it. */
  readonly artifacts?: string | undefined;
}

/** What came of it. */
export interface StoreCopy {
  readonly steps: number;
  readonly runs: number;
  readonly files: number;
  /** How much of it was in the other store before. */
  readonly before: { readonly steps: number; readonly runs: number; readonly files: number };
  /** Runs that go on, and were left out for that. */
  readonly running: readonly string[];
  /** What is wrong in the store that was copied from, and was left out for that. */
  readonly faults: readonly string[];
}

/** A store's parts, as a copy needs them. */
interface Side {
  readonly location: string;
  readonly db: Kysely<StoreSchema>;
  readonly documents: DocumentStore;
  readonly artifacts: ArtifactStore;
}

/**
 * Takes a store over into another one, of the same kind or not: files, then finished steps, then runs with their
 * figures and events, what was found out about files, and notes, tags of models and views. Files, steps and figures are
 * compared with their digests when they are read and again in the other store. Each file, step and run is there whole or not at all, so an interrupted copy goes
 * on where it was. Claims and jobs are of processes that work on the store itself and stay behind.
 * @throws RampartError `usage` for one store twice, else as `openStore`; `damaged` when what was written is not what is
 *   read back
 */
export async function copyStore({ from, to, artifacts }: CopyRequest, options: WorkOptions = {}): Promise<StoreCopy> {
  if (absoluteLocation(from) === absoluteLocation(to)) {
    throw new RampartError({
      code: 'usage',
      message: `"${shownLocation(from)}" cannot be copied into itself: name another store with --to.`,
    });
  }
  const source = await openSide(from, { create: false, readOnly: true });
  try {
    const target = await openSide(to, { create: true, readOnly: false, wanted: artifacts });
    try {
      return await copy(source, target, options);
    } finally {
      await target.db.destroy();
    }
  } finally {
    await source.db.destroy();
  }
}

async function openSide(
  place: string,
  {
    create,
    readOnly,
    wanted,
  }: { readonly create: boolean; readonly readOnly: boolean; readonly wanted?: string | undefined },
): Promise<Side> {
  const location = absoluteLocation(place);
  const db = await openLocation(location, { create, readOnly });
  try {
    const documents = new DocumentStore(db, Date.now);
    const artifacts = await storeArtifacts(documents, { wanted, own: ownFolder(location), readOnly });
    return { location, db, documents, artifacts };
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
}

async function copy(source: Side, target: Side, { signal, onProgress }: WorkOptions): Promise<StoreCopy> {
  const shared = source.artifacts.location === target.artifacts.location;
  const files = shared ? [] : await source.artifacts.list();
  const steps = new StepCopier(source.db, target.db);
  const runs = new RunCopier(source.db, target.db);
  const keys = await steps.keys();
  const ids = await runs.ids();
  const total = files.length + keys.length + ids.length;
  const faults: string[] = [];
  const running: string[] = [];
  const done = { files: 0, steps: 0, runs: 0 };
  const before = { files: 0, steps: 0, runs: 0 };
  let seen = 0;
  /** Does it for one after the other, and counts. */
  const each = async <T>(kind: keyof typeof done, all: readonly T[], take: (one: T) => Promise<Taken>) => {
    for (const one of all) {
      throwIfCancelled(signal);
      const taken = await take(one);
      if (taken === 'copied' || taken === 'there') done[kind]++;
      if (taken === 'there') before[kind]++;
      else if (taken === 'running') running.push(String(one));
      else if (taken !== 'copied') faults.push(taken.fault);
      onProgress?.({ done: ++seen, total, unit: 'files, steps and runs', detail: kind });
    }
  };
  await each('files', files, (name) => takeFile(name, source.artifacts, target.artifacts));
  await each('steps', keys, (key) => steps.take(key));
  await each('runs', ids, (id) => runs.take(id));
  for (const key of await source.documents.keys()) {
    if ((await target.documents.get(key)) === undefined)
      await target.documents.put(key, await source.documents.get(key));
  }
  await copyAnnotations(source.db, target.db);
  return { ...done, before, running, faults };
}

/** What became of one thing: what is wrong with it in the source, where it was not copied for that. */
export type Taken = 'copied' | 'there' | 'running' | { readonly fault: string };

async function takeFile(name: ArtifactName, from: ArtifactStore, to: ArtifactStore): Promise<Taken> {
  if ((await to.fault(name)) === undefined) return 'there';
  const fault = await from.copy(name, to);
  return fault === undefined ? 'copied' : { fault };
}
