import { PostgresAdapter, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

/** Whether a database is PostgreSQL rather than SQLite. */
export function isPostgres(db: QueryExecutorProvider): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** What both databases have and write differently, about JSON in text columns. */
export interface JsonSql {
  /** A number of an object; null where it has none. */
  number(column: string, key: string): RawBuilder<number>;
  /** A text of an object; null where it has none. */
  text(column: string, key: string): RawBuilder<string>;
  /** The entries of a list in an object, as rows `name(value)`. */
  entries(column: string, key: string, name: string): RawBuilder<unknown>;
  /** How many entries a list in an object has. */
  length(column: string, key: string): RawBuilder<number>;
  /** The rows of a column as one list, in its order. */
  list(column: string): RawBuilder<string>;
  /** A list of texts as rows `value`. */
  texts(texts: readonly string[]): RawBuilder<unknown>;
}

const ON_SQLITE: JsonSql = {
  number: (column, key) => sql`json_extract(${sql.ref(column)}, ${path(key)})`,
  text: (column, key) => sql`json_extract(${sql.ref(column)}, ${path(key)})`,
  entries: (column, key, name) => sql`json_each(${sql.ref(column)}, ${path(key)}) as ${sql.ref(name)}`,
  length: (column, key) => sql`json_array_length(${sql.ref(column)}, ${path(key)})`,
  list: (column) => sql`json_group_array(${sql.ref(column)})`,
  texts: (texts) => sql`(select value from json_each(${JSON.stringify(texts)}))`,
};

const ON_POSTGRES: JsonSql = {
  number: (column, key) => sql`(${sql.ref(column)}::json ->> ${sql.lit(key)})::double precision`,
  text: (column, key) => sql`(${sql.ref(column)}::json ->> ${sql.lit(key)}) collate "C"`,
  entries: (column, key, name) =>
    sql`json_array_elements(${sql.ref(column)}::json -> ${sql.lit(key)}) as ${sql.ref(name)}(value)`,
  length: (column, key) => sql`json_array_length(${sql.ref(column)}::json -> ${sql.lit(key)})`,
  // Written as SQLite writes it.
  list: (column) =>
    sql`'[' || coalesce(string_agg(to_json(${sql.ref(column)})::text, ',' order by ${sql.ref(column)}), '') || ']'`,
  texts: (texts) => sql`(select unnest(${[...texts]}::text[]))`,
};

export function jsonSql(db: QueryExecutorProvider): JsonSql {
  return isPostgres(db) ? ON_POSTGRES : ON_SQLITE;
}

function path(key: string): RawBuilder<unknown> {
  return sql.lit(`$.${key}`);
}
