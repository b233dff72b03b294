import path from 'node:path';

import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { DATABASE_FILE } from '@rampart/results';
import { Client } from 'pg';

/** Rows of one statement. */
const AT_ONCE = 10_000;

/**
 * Copies every row of a store in a folder, as it is, into one on PostgreSQL that has no rows yet: quicker than writing
 * it there through the store, which a million instances take half an hour on a busy machine.
 * @param url of a user who may do everything
 */
export async function copyTables(folder: string, url: string): Promise<void> {
  const from = new DatabaseSync(path.join(folder, DATABASE_FILE), { readOnly: true });
  const to = new Client({ connectionString: url });
  await to.connect();
  try {
    await to.query('begin');
    // Tables come in no order, so keys of other tables are not looked up; they are those of the store that is copied.
    await to.query('set local session_replication_role = replica');
    for (const [table, columns] of await tablesOf(to)) await copyTable(table, columns, from, to);
    await to.query('commit');
  } finally {
    await to.end();
    from.close();
  }
}

async function copyTable(
  table: string,
  columns: readonly string[],
  from: DatabaseSyncInstance,
  to: Client,
): Promise<void> {
  const names = columns.map((column) => `"${column}"`).join(', ');
  const insert = `insert into "${table}" (${names}) select ${names}
    from json_populate_recordset(null::"${table}", $1) on conflict do nothing`;
  const page = from.prepare(`select ${names} from "${table}" limit ${AT_ONCE} offset ?`);
  // Read whole: a reading that is interrupted by other work may lose its statement, and the process with it.
  for (let rows, first = 0; (rows = page.all(first)).length > 0; first += AT_ONCE) {
    await to.query(insert, [JSON.stringify(rows)]);
  }
}

/** The columns of the store's tables by their names. */
async function tablesOf(client: Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `select table_name::text as table, array_agg(column_name::text order by ordinal_position) as columns
     from information_schema.columns where table_schema = current_schema() and table_name not like 'kysely%' group by 1`,
  );
  return new Map(rows.map(({ table, columns }) => [table, columns]));
}
