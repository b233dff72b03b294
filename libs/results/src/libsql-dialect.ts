import { messageOf, RampartError } from '@rampart/core';
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
import type Database from 'libsql';

type Statement = ReturnType<Database.Database['prepare']>;

const CACHED_STATEMENTS = 200;

/**
 * Kysely over libsql's synchronous interface. It differs from Kysely's own SQLite driver in four points:
 * transactions take the write lock when they begin, so that one that reads before it writes cannot fail half-way
 * because of another process; migrations are such transactions, so that several processes may make a store at once and
 * one that is killed leaves no half of it; statements are prepared once; values that libsql cannot bind are turned into
 * those it can (a boolean would end the process).
 */
export class LibsqlDialect implements Dialect {
  constructor(private readonly open: () => Database.Database) {}

  createDriver(): Driver {
    return new LibsqlDriver(this.open);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new LibsqlAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class LibsqlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class LibsqlDriver implements Driver {
  private connection: LibsqlConnection | undefined;
  private tail: Promise<void> = Promise.resolve();
  private release: (() => void) | undefined;

  constructor(private readonly open: () => Database.Database) {}

  init(): Promise<void> {
    this.connection = new LibsqlConnection(this.open());
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

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
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

class LibsqlConnection implements DatabaseConnection {
  private readonly statements = new Map<string, Statement>();

  constructor(private readonly database: Database.Database) {}

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const statement = this.prepare(query.sql);
      const parameters = query.parameters.map(bindable);
      if (statement.reader) return Promise.resolve({ rows: statement.all(parameters) as R[] });
      const { changes, lastInsertRowid } = statement.run(parameters);
      return Promise.resolve({ rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) });
    } catch (error) {
      return Promise.reject(storeError(error, query.sql));
    }
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new RampartError({ code: 'store', message: 'The store does not stream queries: page by key instead.' });
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private prepare(sql: string): Statement {
    let statement = this.statements.get(sql);
    if (statement) {
      this.statements.delete(sql);
    } else {
      statement = this.database.prepare(sql);
      if (this.statements.size >= CACHED_STATEMENTS) this.statements.delete(this.statements.keys().next().value!);
    }
    this.statements.set(sql, statement);
    return statement;
  }
}

function bindable(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`A value of type ${typeof value} cannot be stored.`);
}

/** The error of SQLite as ours, with what can be done about it. */
export function storeError(error: unknown, what: string): RampartError {
  const code = String((error as { code?: unknown }).code ?? '');
  const advice = code.startsWith('SQLITE_BUSY')
    ? 'Another process holds the store for longer than ten seconds; try again when it is done.'
    : code.startsWith('SQLITE_FULL')
      ? 'The disk is full; free some room and run the same command again.'
      : code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')
        ? 'Check the permissions of the store folder, or name another one.'
        : code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')
          ? 'The file rampart.db of the store is damaged or is no store; restore it from a copy, or name another folder.'
          : `While doing: ${what.slice(0, 120)}`;
  return new RampartError({ code: 'store', message: `The store failed: ${messageOf(error)}. ${advice}`, cause: error });
}
