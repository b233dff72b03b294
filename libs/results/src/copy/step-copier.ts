import { RampartError } from '@rampart/core';
import type { Kysely } from 'kysely';

import { insertAll } from '../insert-all';
import type { StoreSchema } from '../schema';
import { StepStore } from '../step-store';
import { transact } from '../transact';
import type { Taken } from './copy-store';

/** Takes finished steps over, each with the instances that it judged. */
export class StepCopier {
  private readonly steps: StepStore;
  private readonly copies: StepStore;

  constructor(
    private readonly from: Kysely<StoreSchema>,
    private readonly to: Kysely<StoreSchema>,
  ) {
    this.steps = new StepStore(from, Date.now);
    this.copies = new StepStore(to, Date.now);
  }

  /** Of all that there are to take. */
  keys(): Promise<string[]> {
    return this.steps.keys();
  }

  /** @throws RampartError `damaged` when the other store does not give back what it was given */
  async take(key: string): Promise<Taken> {
    const [there] = await this.copies.examine([key]);
    if (there && !('fault' in there) && there.damaged !== true) return 'there';
    const fault = await this.faultOf(key, this.steps);
    if (fault !== undefined) return { fault };
    await this.write(key);
    const lost = await this.faultOf(key, this.copies);
    if (lost === undefined) return 'copied';
    throw new RampartError({
      code: 'damaged',
      message: `The copy is not what was copied: ${lost}. Copy it into another store.`,
    });
  }

  private async write(key: string): Promise<void> {
    const { id, ...step } = await this.from
      .selectFrom('steps')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    const rowsOf = (table: 'step_artifacts' | 'instances') =>
      this.from.selectFrom(table).selectAll().where('step_id', '=', id).orderBy('position').execute();
    const artifacts = await rowsOf('step_artifacts');
    const instances = await rowsOf('instances');
    await transact(this.to, async (transaction) => {
      // One that is damaged there gives way.
      await transaction.deleteFrom('steps').where('key', '=', key).execute();
      const made = await transaction.insertInto('steps').values(step).returning('id').executeTakeFirstOrThrow();
      const own = <T extends object>(rows: readonly T[]) => rows.map((row) => ({ ...row, step_id: made.id }));
      await insertAll(transaction, 'step_artifacts', own(artifacts) as never);
      await insertAll(transaction, 'instances', own(instances) as never);
    });
  }

  private async faultOf(key: string, steps: StepStore): Promise<string | undefined> {
    const [step] = await steps.examine([key]);
    if (!step) return `step ${key} is missing`;
    if ('fault' in step) return step.fault;
    if (step.damaged) return `step "${step.label}" was found damaged and has not been done again since`;
    return (await steps.hasItsInstances(key))
      ? undefined
      : `the instances of step "${step.label}" are not what was written`;
  }
}
