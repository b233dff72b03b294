import type { Kysely, Transaction } from 'kysely';

import { insertAll } from './insert-all';
import { instanceRow } from './instance-store';
import { isGone } from './process-owner';
import type { InstanceRecord, StepRecord } from './records';
import type { StoreSchema } from './schema';

/** Finished steps, and the claims of processes that are at work on one. */
export class StepStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  async find(key: string): Promise<StepRecord | undefined> {
    return (await this.findAll([key]))[0];
  }

  /** The finished ones among these, in no particular order. */
  async findAll(keys: readonly string[]): Promise<StepRecord[]> {
    if (keys.length === 0) return [];
    const rows = await this.db.selectFrom('steps').selectAll().where('key', 'in', keys).execute();
    const ids = rows.map((row) => row.id);
    const artifacts =
      ids.length === 0
        ? []
        : await this.db
            .selectFrom('step_artifacts')
            .selectAll()
            .where('step_id', 'in', ids)
            .orderBy('position')
            .execute();
    return rows.map((row) => ({
      key: row.key,
      kind: row.kind,
      label: row.label,
      output: JSON.parse(row.output) as unknown,
      artifacts: artifacts
        .filter((artifact) => artifact.step_id === row.id)
        .map(({ name, extension, checksum, bytes }) => ({ name, extension, checksum, bytes })),
      seconds: row.seconds,
      finishedAt: row.finished_at,
    }));
  }

  /**
   * Records a finished step with the instances that it judged, all or nothing, and gives up the claim on it.
   * Where another process was first, its record stays.
   */
  async finish(record: StepRecord, instances: readonly InstanceRecord[] = []): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('claims').where('key', '=', record.key).execute();
      const inserted = await transaction
        .insertInto('steps')
        .values({
          key: record.key,
          kind: record.kind,
          label: record.label,
          output: JSON.stringify(record.output ?? null),
          seconds: record.seconds,
          finished_at: record.finishedAt,
        })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (!inserted) return;
      await insertAll(
        transaction,
        'step_artifacts',
        record.artifacts.map((artifact, position) => ({ step_id: inserted.id, position, ...plain(artifact) })),
      );
      await insertAll(
        transaction,
        'instances',
        instances.map((instance) => instanceRow(inserted.id, instance)),
      );
    });
  }

  /**
   * Takes a step for `owner` until the lease runs out. False when another owner is at it, or when it is finished:
   * whoever gets false waits a little, asks `find` again, and claims again.
   * A claim whose owner (see `processOwner`) was a process that has ended is taken over at once.
   */
  async claim(key: string, owner: string, leaseMs: number): Promise<boolean> {
    return this.db.transaction().execute(async (transaction) => {
      if (await isFinished(transaction, key)) return false;
      const now = this.now();
      const held = await transaction.selectFrom('claims').selectAll().where('key', '=', key).executeTakeFirst();
      if (held && held.owner !== owner && held.expires_at > now && !isGone(held.owner)) return false;
      await transaction
        .insertInto('claims')
        .values({ key, owner, expires_at: now + leaseMs })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ owner, expires_at: now + leaseMs }))
        .execute();
      return true;
    });
  }

  /** Extends the claims that `owner` still holds. */
  async renew(keys: readonly string[], owner: string, leaseMs: number): Promise<void> {
    if (keys.length === 0) return;
    await this.db
      .updateTable('claims')
      .set({ expires_at: this.now() + leaseMs })
      .where('key', 'in', keys)
      .where('owner', '=', owner)
      .execute();
  }

  /** Gives a claim up without having finished the step. */
  async release(key: string, owner: string): Promise<void> {
    await this.db.deleteFrom('claims').where('key', '=', key).where('owner', '=', owner).execute();
  }

  /**
   * Mean seconds that finished steps took in any run, by kind and label: what a prediction of time left rests on.
   * @param labels the labels to look up; all without it
   */
  async durations(
    labels?: readonly string[],
  ): Promise<readonly { kind: string; label: string; seconds: number; count: number }[]> {
    let select = this.db.selectFrom('steps');
    if (labels) select = select.where('label', 'in', labels);
    return select
      .select(['kind', 'label'])
      .select((e) => [e.fn.avg<number>('seconds').as('seconds'), e.fn.countAll<number>().as('count')])
      .groupBy(['kind', 'label'])
      .execute();
  }
}

async function isFinished(transaction: Transaction<StoreSchema>, key: string): Promise<boolean> {
  return (await transaction.selectFrom('steps').select('id').where('key', '=', key).executeTakeFirst()) !== undefined;
}

function plain(artifact: StepRecord['artifacts'][number]) {
  return {
    name: artifact.name,
    extension: artifact.extension,
    checksum: artifact.checksum,
    bytes: artifact.bytes,
  };
}
