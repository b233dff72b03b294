import { RampartError } from '@rampart/core';
import { type Kysely, sql, type SqlBool } from 'kysely';

import { jsonSql } from './dialect';
import { instancesDigest, stepDigest } from './digest';
import { fromJson } from './from-json';
import { insertAll } from './insert-all';
import { instanceRow } from './instance-store';
import { isGone } from './process-owner';
import type { ArtifactRef, InstanceRecord, StepRecord } from './records';
import type { Row, StoreSchema } from './schema';
import { damaged } from './store-error';
import { type StoreTransaction, transact } from './transact';

/** Keys in one statement: SQLite takes 32,766 values. */
const AT_ONCE = 10_000;

/** A recorded step that cannot be used. */
export interface StepFault {
  readonly key: string;
  readonly label: string;
  /** What is wrong with it. */
  readonly fault: string;
}

/** Finished steps, and the claims of processes that are at work on one. */
export class StepStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  async find(key: string): Promise<StepRecord | undefined> {
    return (await this.findAll([key]))[0];
  }

  /**
   * The finished ones among these, in no particular order; those among them that have to be done again are marked.
   * @throws RampartError `damaged` when one of them is not what was written
   */
  async findAll(keys: readonly string[]): Promise<StepRecord[]> {
    const found = await this.examine(keys);
    for (const step of found) if ('fault' in step) throw damaged(step.fault);
    return found as StepRecord[];
  }

  /** Those that are recorded among these: the record, or what is wrong with it. */
  async examine(keys: readonly string[]): Promise<(StepRecord | StepFault)[]> {
    const found: (StepRecord | StepFault)[] = [];
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const rows = await this.db
        .selectFrom('steps')
        .selectAll()
        .where('key', 'in', keys.slice(start, start + AT_ONCE))
        .execute();
      const artifacts = await artifactsOf(
        this.db,
        rows.map((row) => row.id),
      );
      for (const row of rows) found.push(stepOf(row, artifacts.get(row.id) ?? []));
    }
    return found;
  }

  /** Every recorded step's key, in the order in which they were finished. */
  async keys(): Promise<string[]> {
    const rows = await this.db.selectFrom('steps').select('key').orderBy('id').execute();
    return rows.map((row) => row.key);
  }

  /** Whether the instances that a step judged are those that were written; true where nobody noted what they were. */
  async hasItsInstances(key: string): Promise<boolean> {
    const step = await this.db
      .selectFrom('steps')
      .select(['id', 'instances_digest'])
      .where('key', '=', key)
      .executeTakeFirst();
    if (!step || step.instances_digest === null) return true;
    const rows = await this.db
      .selectFrom('instances')
      .selectAll()
      .where('step_id', '=', step.id)
      .orderBy('position')
      .execute();
    return instancesDigest(rows) === step.instances_digest;
  }

  /** Marks steps as to be done again. What is recorded of them stays until they are. */
  async distrust(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      await this.db
        .updateTable('steps')
        .set({ damaged_at: this.now() })
        .where('key', 'in', keys.slice(start, start + AT_ONCE))
        .execute();
    }
  }

  /**
   * Records a finished step with the instances that it judged, all or nothing, and gives up the claim on it.
   * Where another process was first, its record stays; one that was marked as damaged gives way to what was made again.
   * @param alongside what else is done in the same transaction, first of all; what it throws undoes everything
   * @throws RampartError `damaged` when files that were made again are others than before: then the mark stays
   */
  async finish(
    record: StepRecord,
    instances: readonly InstanceRecord[] = [],
    alongside?: (transaction: StoreTransaction) => Promise<void>,
  ): Promise<void> {
    await transact(this.db, async (transaction) => {
      await alongside?.(transaction);
      await transaction.deleteFrom('claims').where('key', '=', record.key).execute();
      const before = await transaction.selectFrom('steps').selectAll().where('key', '=', record.key).executeTakeFirst();
      if (before && before.damaged_at === null) return;
      if (before) {
        const artifacts = (await artifactsOf(transaction, [before.id])).get(before.id) ?? [];
        expectSame(stepOf(before, artifacts), record);
        await transaction.deleteFrom('steps').where('id', '=', before.id).execute();
      }
      const row = {
        key: record.key,
        kind: record.kind,
        label: record.label,
        output: JSON.stringify(record.output ?? null),
        seconds: record.seconds,
        finished_at: record.finishedAt,
      };
      const rows = instances.map((instance) => instanceRow(0, instance)).sort((a, b) => a.position - b.position);
      const added = await transaction
        .insertInto('steps')
        .values({ ...row, digest: stepDigest(row, record.artifacts), instances_digest: instancesDigest(rows) })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .returning('id')
        .executeTakeFirst();
      // Another process was first, just now.
      if (!added) return;
      const { id } = added;
      await insertAll(
        transaction,
        'step_artifacts',
        record.artifacts.map((artifact, position) => ({ step_id: id, position, ...plain(artifact) })),
      );
      await insertAll(
        transaction,
        'instances',
        rows.map((one) => ({ ...one, step_id: id })),
      );
    });
  }

  /**
   * Takes a step for `owner` until the lease runs out. False when another owner is at it, or when it is finished:
   * whoever gets false waits a little, asks `find` again, and claims again.
   * A claim whose owner (see `processOwner`) was a process that has ended is taken over at once.
   */
  async claim(key: string, owner: string, leaseMs: number): Promise<boolean> {
    const taken = (await this.tryClaim(key, owner, leaseMs, [])) || (await this.claimOfDead(key, owner, leaseMs));
    if (!taken) return false;
    if (!(await this.isFinished(key))) return true;
    await this.release(key, owner);
    return false;
  }

  private async claimOfDead(key: string, owner: string, leaseMs: number): Promise<boolean> {
    const held = await this.db.selectFrom('claims').select('owner').where('key', '=', key).executeTakeFirst();
    return held !== undefined && isGone(held.owner) && this.tryClaim(key, owner, leaseMs, [held.owner]);
  }

  /** One statement, so that of many that try at once one succeeds, on whichever database. */
  private async tryClaim(key: string, owner: string, leaseMs: number, dead: readonly string[]): Promise<boolean> {
    const now = this.now();
    const claim = { owner, expires_at: now + leaseMs };
    const taken = await this.db
      .insertInto('claims')
      .values({ key, ...claim })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet(claim)
          .where((e) => e.or([e('claims.expires_at', '<=', now), e('claims.owner', 'in', [owner, ...dead])])),
      )
      .returning('key')
      .executeTakeFirst();
    return taken !== undefined;
  }

  private async isFinished(key: string): Promise<boolean> {
    const step = await this.db.selectFrom('steps').select('damaged_at').where('key', '=', key).executeTakeFirst();
    return step?.damaged_at === null;
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
    // One value, however many labels.
    if (labels) select = select.where(sql<SqlBool>`label in ${jsonSql(this.db).texts(labels)}`);
    return select
      .select(['kind', 'label'])
      .select((e) => [e.fn.avg<number>('seconds').as('seconds'), e.fn.countAll<number>().as('count')])
      .groupBy(['kind', 'label'])
      .execute();
  }
}

async function artifactsOf(
  db: Kysely<StoreSchema>,
  ids: readonly number[],
): Promise<Map<number, Row<'step_artifacts'>[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('step_artifacts')
    .selectAll()
    .where('step_id', 'in', ids)
    .orderBy('step_id')
    .orderBy('position')
    .execute();
  const result = new Map<number, Row<'step_artifacts'>[]>();
  for (const row of rows) result.set(row.step_id, [...(result.get(row.step_id) ?? []), row]);
  return result;
}

function stepOf(row: Row<'steps'>, artifacts: readonly Row<'step_artifacts'>[]): StepRecord | StepFault {
  if (row.digest !== null && row.digest !== stepDigest(row, artifacts)) {
    return { key: row.key, label: row.label, fault: `the record of step "${row.label}" is not what was written` };
  }
  return {
    key: row.key,
    kind: row.kind,
    label: row.label,
    output: fromJson<unknown>(row.output, 'steps.output'),
    artifacts: artifacts.map(plain),
    seconds: row.seconds,
    finishedAt: row.finished_at,
    ...(row.damaged_at !== null && { damaged: true }),
  };
}

/** @throws RampartError `damaged` when what was made again has other files than are recorded */
function expectSame(before: StepRecord | StepFault, { label, artifacts }: StepRecord): void {
  if ('fault' in before) return;
  for (const was of before.artifacts) {
    const is = artifacts.find(({ name }) => name === was.name);
    if (is?.checksum === was.checksum) continue;
    throw new RampartError({
      code: 'damaged',
      message: `Step "${label}" was done again, and its file "${was.name}" came out otherwise: its SHA-256 was ${was.checksum} and is ${is?.checksum ?? 'missing'}. This machine computes otherwise than the one that made the store: restore the file from a copy, or run the experiment in another store folder.`,
    });
  }
}

function plain({ name, extension, checksum, bytes }: ArtifactRef): ArtifactRef {
  return { name, extension, checksum, bytes };
}
