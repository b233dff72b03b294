import type { DatabaseSyncInstance, StatementColumnMetadata, StatementSyncInstance } from '@photostructure/sqlite';
import { RampartError } from '@rampart/core';
import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

import { damaged, storeError } from './store-error';
import { addIsUtf8, holdsUtf8, REPLACEMENT } from './utf8-text';

const CACHED_STATEMENTS = 200;

/**
 * Kysely over SQLite's synchronous interface, as Node has it from version 22 on. It differs from Kysely's own SQLite
 * driver in five points: transactions take the write lock when they begin, so that one that reads before it writes
 * cannot fail half-way because of another process; migrations are such transactions, so that several processes may make
 * a store at once and one that is killed leaves no half of it; statements are prepared once; booleans are stored as
 * numbers; a value that is not of its column's type is told as damage, for nothing but damage puts it there.
 */
export class SqliteDialect implements Dialect {
  constructor(private readonly open: () => DatabaseSyncInstance) {}

  createDriver(): Driver {
    return new SqliteDriver(this.open);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  private connection: SqliteConnection | undefined;
  private tail: Promise<void> = Promise.resolve();
  private release: (() => void) | undefined;

  constructor(private readonly open: () => DatabaseSyncInstance) {}

  init(): Promise<void> {
    this.connection = new SqliteConnection(this.open());
    return Promise.resolve();
  }

  /** There is one connection; whoever wants it waits for those who asked before. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.tail;
    let release!: () => void;
    this.tail = new Promise((resolve) => (release = resolve));
    await before;
    this.release = release;
    return this.connection!;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** A full disk and the like have rolled it back already; to do so again would hide why. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.connection?.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  releaseConnection(): Promise<void> {
    this.release?.();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.connection?.close();
    return Promise.resolve();
  }
}

/** A statement, and what its columns hold. */
interface Prepared {
  readonly statement: StatementSyncInstance;
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  /** Where its values are stored; undefined where they are computed. */
  readonly stored: { readonly table: string; readonly column: string } | undefined;
  /** As it was declared; empty where its values are computed. */
  readonly type: string;
  /** What its values are in JavaScript; undefined where they are computed. */
  readonly holds: 'string' | 'number' | undefined;
}

class SqliteConnection implements DatabaseConnection {
  private readonly prepared = new Map<string, Prepared>();

  constructor(private readonly database: DatabaseSyncInstance) {
    addIsUtf8(database);
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const { statement, columns } = this.prepare(query.sql);
      const parameters = query.parameters.map(bindable);
      if (columns.length > 0) {
        const rows = statement.all(...parameters) as unknown as unknown[][];
        // Another process has given a table more columns: the statement has them, and its columns are of before.
        if (rows.length > 0 && rows[0]!.length !== columns.length) {
          this.prepared.delete(query.sql);
          return this.executeQuery(query);
        }
        return Promise.resolve({ rows: rows.map((row) => this.checked(row, columns) as R) });
      }
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return Promise.resolve({ rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) });
    } catch (error) {
      return Promise.reject(storeError(error, query.sql));
    }
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new RampartError({ code: 'store', message: 'The store does not stream queries: page by key instead.' });
  }

  /**
   * Brings the log of changes into the file first, where nobody else is at work: the driver leaves a connection half
   * open until its statements are collected, and SQLite does it only when the last one goes.
   */
  close(): void {
    this.prepared.clear();
    try {
      this.database.exec('pragma busy_timeout = 0; pragma wal_checkpoint(truncate)');
    } catch {
      // The next process to open the store does it.
    }
    this.database.close();
  }

  private prepare(sql: string): Prepared {
    let prepared = this.prepared.get(sql);
    if (prepared) {
      this.prepared.delete(sql);
    } else {
      const statement = this.database.prepare(sql);
      // Rows as lists of values: the driver's own objects take as long to make again as the query does.
      statement.setReturnArrays(true);
      const columns = statement.columns().map(columnOf);
      prepared = { statement, columns };
      if (this.prepared.size >= CACHED_STATEMENTS) this.prepared.delete(this.prepared.keys().next().value!);
    }
    this.prepared.set(sql, prepared);
    return prepared;
  }

  /** A row as a plain object. @throws RampartError `store` when a value is not what its column holds */
  private checked(values: readonly unknown[], columns: Prepared['columns']): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (const [index, column] of columns.entries()) {
      const value = values[index];
      if (value !== null) this.check(value, column);
      row[column.name] = value;
    }
    return row;
  }

  private check(value: unknown, { stored, type, holds }: Column): void {
    // What is computed has no type of its own; nothing is ever stored as bytes.
    const fits = holds === undefined ? !ArrayBuffer.isView(value) : typeof value === holds;
    if (!fits) throw damaged(`${placeOf(stored)} has a value that is not of type ${type || 'text or number'}`);
    if (stored === undefined || typeof value !== 'string' || !value.includes(REPLACEMENT)) return;
    if (!holdsUtf8(this.database, stored.table, stored.column)) {
      throw damaged(`${placeOf(stored)} has text that is no UTF-8`);
    }
  }
}

function columnOf({ name, table, column, type }: StatementColumnMetadata): Column {
  const declared = (type ?? '').toLowerCase();
  const isText = declared === 'text' || declared.startsWith('varchar');
  return {
    name,
    stored: table === null || column === null ? undefined : { table, column },
    type: declared,
    holds: declared === '' ? undefined : isText ? 'string' : 'number',
  };
}

function placeOf(stored: Column['stored']): string {
  return `${stored?.table ?? ''}.${stored?.column ?? ''}`;
}

function bindable(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`A value of type ${typeof value} cannot be stored.`);
}
