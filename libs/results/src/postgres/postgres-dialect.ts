import { setTimeout as delay } from 'node:timers/promises';

import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';

import { isLost, postgresError } from './postgres-error';

/** How long a server that was there is waited for: it may be restarted. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;

/**
 * Kysely over node-postgres. It differs from Kysely's own driver in three points: a server that was there and is gone is
 * waited for; a statement outside of a transaction that lost its connection is made again; errors are the store's.
 */
export class PostgresDialect implements Dialect {
  constructor(private readonly pool: Pool) {}

  createDriver(): Driver {
    return new PostgresDriver(this.pool);
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}

class PostgresDriver implements Driver {
  private reached = false;

  constructor(private readonly pool: Pool) {}

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<PostgresConnection> {
    return new PostgresConnection(await this.client(), () => this.client());
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    await connection.end('commit');
  }

  /** The server rolls back by itself what lost its connection; to say so would hide why. */
  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.end('rollback').catch(() => undefined);
  }

  releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return this.pool.end();
  }

  /** A server that was never reached is not waited for: its address is wrong. */
  private async client(): Promise<PoolClient> {
    const last = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        const client = await this.pool.connect();
        this.reached = true;
        return client;
      } catch (error) {
        if (!this.reached || !isLost(error) || performance.now() > last) throw postgresError(error, 'connecting');
        await delay(PAUSE_MS);
      }
    }
  }
}

class PostgresConnection implements DatabaseConnection {
  private inTransaction = false;
  private lost = false;

  constructor(
    private client: PoolClient,
    private readonly another: () => Promise<PoolClient>,
  ) {
    watch(client);
  }

  async begin(): Promise<void> {
    await this.query('begin', []);
    this.inTransaction = true;
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    try {
      await this.query(how, []);
    } finally {
      this.inTransaction = false;
    }
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const results = await this.query(sql, parameters);
    // Several statements in one text have several results.
    const { command, rowCount, rows } = [results].flat().at(-1)!;
    const changes = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(command);
    return { rows: rows as R[], ...(changes && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw postgresError(new Error('The store does not stream queries: page by key instead.'), '');
  }

  release(): void {
    this.client.off('error', ignore);
    this.client.release(this.lost);
  }

  private async query(text: string, values: readonly unknown[]) {
    for (;;) {
      try {
        return await this.client.query(text, values as unknown[]);
      } catch (error) {
        this.lost = isLost(error);
        if (!this.lost && !this.inTransaction && /^\s*begin/i.test(text)) await this.client.query('rollback');
        if (!this.lost || this.inTransaction) throw postgresError(error, text);
        this.release();
        this.client = await this.another();
        this.lost = false;
        watch(this.client);
      }
    }
  }
}

/** A connection that breaks while nobody asks anything is noticed at the next question. */
function watch(client: PoolClient): void {
  client.on('error', ignore);
}

function ignore(): void {
  // The question that is under way fails with it.
}
