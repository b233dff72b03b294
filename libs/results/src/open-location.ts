import path from 'node:path';

import type { Kysely } from 'kysely';

import { openFolder } from './open-folder';
import { isServer } from './postgres/location';
import { openPostgres } from './postgres/open-postgres';
import type { StoreSchema } from './schema';

/** As every process is to call it: an absolute folder, or `postgres://...` as it is. */
export function absoluteLocation(location: string): string {
  return isServer(location) ? location : path.resolve(location);
}

/** The folder of its own that a store has for files; undefined for one that has none. */
export function ownFolder(location: string): string | undefined {
  return isServer(location) ? undefined : path.join(location, 'artifacts');
}

/**
 * The database of a store.
 * @param location as `absoluteLocation` gives it
 * @throws RampartError as `openStore`
 */
export function openLocation(
  location: string,
  access: { readonly create: boolean; readonly readOnly: boolean },
): Promise<Kysely<StoreSchema>> {
  return isServer(location) ? openPostgres(location, access) : openFolder(location, access);
}
