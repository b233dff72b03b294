import { CompiledQuery, type Kysely, sql } from 'kysely';

import type { StoreSchema } from '../schema';
import type { StoreTransaction } from '../transact';
import { alone } from './alone';
import type { Channel, Listener, Notifications } from './notifications';

/** Runs statements, as queues and other tools on the same database want it. */
export interface SqlRunner {
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** The server of a store, for what is kept on it beside the store: a queue, and messages between processes. */
export class StoreServer implements SqlRunner {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    /** The schema of the store's tables. */
    readonly schema: string,
    private readonly notifications: Notifications,
  ) {}

  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }> {
    return runner(this.db).executeSql(text, values);
  }

  /** Statements inside of a transaction of the store. */
  within(transaction: StoreTransaction): SqlRunner {
    return runner(transaction);
  }

  /** Does something while no other process does the same, as making tables; again where the connection was lost. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    return alone(this.db, name, work);
  }

  /** Tells other processes something, of at most 8000 bytes. In a transaction they hear it when it has come to its end. */
  async tell(channel: Channel, payload: string, transaction?: StoreTransaction): Promise<void> {
    await sql`select pg_notify(${channel}, ${payload})`.execute(transaction ?? this.db);
  }

  /** @returns what ends it */
  listen(channel: Channel, listener: Listener): () => void {
    return this.notifications.listen(channel, listener);
  }
}

function runner(db: Kysely<StoreSchema>): SqlRunner {
  return {
    async executeSql(text, values = []) {
      const { rows } = await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, [...values]));
      return { rows };
    },
  };
}
