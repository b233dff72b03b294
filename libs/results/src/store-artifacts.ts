import { isRampartError, RampartError } from '@rampart/core';

import type { ArtifactStore } from './artifact-store';
import { ARTIFACTS, type DocumentStore } from './document-store';
import { artifactLocation, openArtifacts } from './open-artifacts';

export interface ArtifactOptions {
  /** `--artifacts`: where the files are to be, when it is said. */
  readonly wanted?: string | undefined;
  /** The store's own folder for them; a store without one must be told of a place once. */
  readonly own?: string | undefined;
  /** That nothing is to be written, not even where the files are. */
  readonly readOnly: boolean;
}

/**
 * A store's files. Where they are is written down in the store when it is first said, so that nobody has to say it
 * again and nobody's files end up elsewhere. A shared folder may be mounted under another name on another machine.
 * @throws RampartError `usage` when there is no such place, or the store's files are in another; `unavailable` when a
 *   server refuses
 */
export async function storeArtifacts(documents: DocumentStore, options: ArtifactOptions): Promise<ArtifactStore> {
  const { own, readOnly } = options;
  const wanted = options.wanted === undefined || options.wanted === '' ? undefined : artifactLocation(options.wanted);
  const noted = await notedIn(documents, own);
  const location = wanted ?? noted ?? own;
  if (location === undefined) {
    throw new RampartError({
      code: 'usage',
      message:
        'Nobody has said yet where this store keeps its files. Name a place that all machines reach with --artifacts: s3://BUCKET/PREFIX, or a shared folder.',
    });
  }
  if (location === own && noted === undefined) return openArtifacts(location);
  if (noted === undefined && own !== undefined) await refuseMoving(own, location);
  if (noted !== undefined && noted !== location && (isServer(noted) || isServer(location))) {
    throw new RampartError({
      code: 'usage',
      message: `The files of this store are in ${noted}, and --artifacts names ${location}. Leave it out; "rampart copy" moves a store.`,
    });
  }
  const artifacts = await openArtifacts(location, { check: readOnly ? 'at first use' : 'now' });
  if (noted === undefined && !readOnly) await documents.put(ARTIFACTS, { location });
  return artifacts;
}

/** That a store whose files were copied into its own folder keeps them there. */
export async function keepOwnFiles(documents: DocumentStore): Promise<void> {
  await documents.remove(ARTIFACTS);
}

/** Where the store says that its files are. */
async function notedIn(documents: DocumentStore, own: string | undefined): Promise<string | undefined> {
  try {
    return ((await documents.get(ARTIFACTS)) as { readonly location: string } | undefined)?.location;
  } catch (error) {
    // Whoever looks into a damaged database is told by what it reads there.
    if (own !== undefined && isRampartError(error) && error.code === 'damaged') return undefined;
    throw error;
  }
}

/** Files that the store has already stay where they are. */
async function refuseMoving(own: string, to: string): Promise<void> {
  if ((await (await openArtifacts(own)).list()).length === 0) return;
  throw new RampartError({
    code: 'usage',
    message: `The store has files in its own folder, so it cannot begin to keep them in ${to}. "rampart copy" takes a store over into another.`,
  });
}

function isServer(location: string): boolean {
  return location.startsWith('s3://');
}
