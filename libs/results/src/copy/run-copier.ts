import { RampartError } from '@rampart/core';
import { type Kysely, sql } from 'kysely';

import { FIGURE_TABLES, figuresDigest } from '../digest';
import { insertAll } from '../insert-all';
import { isGone } from '../process-owner';
import { HEARTBEAT_LIMIT_MS } from '../run-store';
import type { Row, StoreSchema } from '../schema';
import { transact } from '../transact';
import type { Taken } from './copy-store';

/** Tables whose order is that in which rows came. */
const IN_ORDER: readonly string[] = ['cells', 'models', 'standings'];

/** Takes runs over, with their plans, figures and events. */
export class RunCopier {
  constructor(
    private readonly from: Kysely<StoreSchema>,
    private readonly to: Kysely<StoreSchema>,
  ) {}

  /** Of all that there are to take. */
  async ids(): Promise<string[]> {
    const rows = await this.from.selectFrom('runs').select('id').orderBy('started_at').orderBy('id').execute();
    return rows.map(({ id }) => id);
  }

  /** @throws RampartError `damaged` when the other store does not give back what it was given */
  async take(id: string): Promise<Taken> {
    const run = await this.from.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
    if (!run) return { fault: `run ${id} was deleted meanwhile` };
    if (goesOn(run)) return 'running';
    const digest = await figuresDigest(this.from, id);
    if (run.figures_digest !== null && run.figures_digest !== digest) {
      return { fault: `the figures of run ${id} are not those that it ended with` };
    }
    const there = await this.to.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
    // What was not finished when it was copied may have come further since, on either side.
    if (there && (there.state === 'done' || there.steps_done > run.steps_done || same(there, run))) return 'there';
    await this.write(run);
    if ((await figuresDigest(this.to, id)) === digest) return 'copied';
    throw new RampartError({
      code: 'damaged',
      message: `The copy of run ${id} does not have the figures that were copied. Copy it into another store.`,
    });
  }

  private async write(run: Row<'runs'>): Promise<void> {
    const rows = new Map<'run_steps' | 'events' | (typeof FIGURE_TABLES)[number], object[]>();
    for (const table of ['run_steps', 'events', ...FIGURE_TABLES] as const) {
      let select = this.from.selectFrom(table).selectAll().where('run_id', '=', run.id);
      if (table === 'events') select = select.orderBy(sql`id`);
      else if (IN_ORDER.includes(table)) select = select.orderBy(sql`rowid`);
      rows.set(table, (await select.execute()).map(withoutNumber));
    }
    await transact(this.to, async (transaction) => {
      await transaction.deleteFrom('runs').where('id', '=', run.id).execute();
      await transaction.insertInto('runs').values(run).execute();
      for (const [table, some] of rows) await insertAll(transaction, table, some as never);
    });
  }
}

/** Whether a process is at it. */
function goesOn({ state, heartbeat_at, owner }: Row<'runs'>): boolean {
  return state === 'running' && heartbeat_at > Date.now() - HEARTBEAT_LIMIT_MS && !isGone(owner);
}

function same(one: Row<'runs'>, other: Row<'runs'>): boolean {
  return one.state === other.state && one.heartbeat_at === other.heartbeat_at && one.steps_done === other.steps_done;
}

/** Numbers that a database gave are given anew. */
function withoutNumber(row: object): object {
  const { id: _, rowid: __, ...rest } = row as Record<string, unknown>;
  return rest;
}
