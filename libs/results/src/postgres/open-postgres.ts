import { RampartError } from '@rampart/core';
import { HandleEmptyInListsPlugin, Kysely, replaceWithNoncontingentExpression, sql } from 'kysely';
import type { ClientConfig, CustomTypesConfig, types } from 'pg';

import { isCurrent, migrate } from '../migrations/migrate';
import type { StoreSchema } from '../schema';
import { alone } from './alone';
import { shownLocation } from './location';
import { PostgresDialect } from './postgres-dialect';
import { postgresError } from './postgres-error';
import { ReadOnly } from './read-only';

/** Connections of one process at most. */
const CONNECTIONS = 4;
/** How long a server may take to answer. */
const CONNECT_MS = 10_000;

/** Large numbers, and what is computed from whole ones, come as text otherwise; none of the store's exceeds 2^53. */
function numbersOfStore(parsers: typeof types): CustomTypesConfig {
  const numbers: readonly number[] = [parsers.builtins.INT8, parsers.builtins.NUMERIC];
  return {
    getTypeParser: (id: number, format?: 'text' | 'binary') =>
      numbers.includes(id) && format !== 'binary'
        ? Number
        : (parsers.getTypeParser(id, format) as (text: string) => unknown),
  };
}

/** How a process connects to a store's server. @throws RampartError `usage` when it is no address of one */
export function connectionConfig(url: string): ClientConfig {
  try {
    new URL(url);
  } catch (cause) {
    throw new RampartError({
      code: 'usage',
      message: `"${shownLocation(url)}" is no address of a store. Expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password as %XX.`,
      cause,
    });
  }
  return {
    connectionString: checked(url),
    application_name: 'rampart',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  };
}

/** Whoever asks for encryption gets the certificate checked too; the client does so for all of these, but warns of it. */
function checked(url: string): string {
  return url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

/**
 * Opens the database of a store that is on a server.
 * @throws RampartError `missing` when it has no such database or no store in it, `store` when it cannot be reached, lets nobody
 *   in, or has a store of a newer version
 */
export async function openPostgres(
  url: string,
  { create, readOnly }: { readonly create: boolean; readonly readOnly: boolean },
): Promise<Kysely<StoreSchema>> {
  // Loaded where it is needed: WebAssembly that it touches reserves gigabytes of addresses.
  const pg = await import('pg');
  const pool = new pg.Pool({ ...connectionConfig(url), max: CONNECTIONS, types: numbersOfStore(pg.types) });
  // A connection that nobody uses may break; the next one to be used is another.
  pool.on('error', () => undefined);
  const dialect = new PostgresDialect(pool);
  const plugins = [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })];
  const db = new Kysely<StoreSchema>({ dialect, plugins });
  const shown = shownLocation(url);
  try {
    const filled = await holdsStore(db, shown);
    if (!filled && !create) {
      throw new RampartError({
        code: 'missing',
        message: `There is no store in "${shown}". Run an experiment with --store to make one, or name another database.`,
      });
    }
    // Any number of processes may come upon an empty database at once: one makes the tables.
    if (!(await isCurrent(db, shown))) await alone(db, 'rampart layout', () => migrate(db, shown));
    return readOnly ? db.withPlugin(new ReadOnly()) : db;
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw postgresError(error, `opening ${shown}`);
  }
}

/** @throws RampartError `store` when there are tables of something else */
async function holdsStore(db: Kysely<StoreSchema>, shown: string): Promise<boolean> {
  const { rows } = await sql<{ migrations: boolean; runs: boolean }>`
    select to_regclass('kysely_migration') is not null as migrations, to_regclass('runs') is not null as runs`.execute(
    db,
  );
  const [found] = rows;
  if (found!.runs && !found!.migrations) {
    throw new RampartError({
      code: 'store',
      message: `The database "${shown}" has a table "runs" that is not Rampart's. Expected an empty database, or a store: name another database, or another schema with ?options=-csearch_path%3DNAME.`,
    });
  }
  return found!.migrations;
}
