import { messageOf, RampartError } from '@rampart/core';
import { type Kysely, type Migration, Migrator, sql } from 'kysely';

import { isPostgres } from '../dialect';
import { PostgresLayout } from '../postgres/postgres-layout';
import { initial } from './0001-initial';
import { robustness } from './0002-robustness';
import { findings } from './0003-findings';
import { standings } from './0004-standings';
import { digests } from './0005-digests';
import { workers } from './0006-workers';
import { access } from './0007-access';
import { team } from './0008-team';
import { certificates } from './0009-certificates';

/** In order of their names. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-robustness': robustness,
  '0003-findings': findings,
  '0004-standings': standings,
  '0005-digests': digests,
  '0006-workers': workers,
  '0007-access': access,
  '0008-team': team,
  '0009-certificates': certificates,
};

/**
 * Whether a store has the layout that this version writes.
 * @throws RampartError `store` when a newer version has written it
 */
export async function isCurrent<Schema>(db: Kysely<Schema>, directory: string): Promise<boolean> {
  const known = Object.keys(MIGRATIONS);
  const applied = await appliedMigrations(db);
  const newer = applied.filter((name) => !known.includes(name));
  if (newer.length > 0) {
    throw new RampartError({
      code: 'store',
      message: `The store "${directory}" was written by a newer version (its layout has ${newer.join(', ')}, this version knows up to ${known.at(-1)}). Update Rampart, or name another folder.`,
    });
  }
  return applied.length === known.length;
}

/**
 * Brings a store to that layout.
 * @throws RampartError `store` when a newer version has written it, and when it cannot be changed
 */
export async function migrate<Schema>(db: Kysely<Schema>, directory: string): Promise<void> {
  if (await isCurrent(db, directory)) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrationsFor(db)) },
    ...(isPostgres(db) && { migrationTableSchema: await currentSchema(db) }),
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  throw new RampartError({
    code: 'store',
    message: `The store "${directory}" cannot be brought to this version's layout. ${messageOf(error)}`,
    cause: error,
  });
}

function migrationsFor<Schema>(db: Kysely<Schema>): Record<string, Migration> {
  if (!isPostgres(db)) return { ...MIGRATIONS };
  return Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, { up }]) => [
      name,
      { up: (one: Kysely<unknown>) => up(one.withPlugin(new PostgresLayout())) },
    ]),
  );
}

/** The schema that a store on PostgreSQL is in: others of the same database may have stores of their own. */
export async function currentSchema<Schema>(db: Kysely<Schema>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db);
  return rows[0]!.name;
}

async function appliedMigrations<Schema>(db: Kysely<Schema>): Promise<string[]> {
  const tables = isPostgres(db)
    ? sql`select 1 where to_regclass('kysely_migration') is not null`
    : sql`select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'`;
  if ((await tables.execute(db)).rows.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
