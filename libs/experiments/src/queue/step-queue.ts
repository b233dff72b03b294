import { isRampartError, messageOf, RampartError } from '@rampart/core';
import { DEAD_LETTERS, queueSchema, type StepFailure, type StoreServer, type StoreTransaction } from '@rampart/results';
import type { JobWithMetadata, PgBoss } from 'pg-boss';

import type { DatasetRequest, StepTask } from '../executor';
import type { PluginRef } from '../plugins/use-plugins';
import type { Step } from '../step';
import type { StepSubject, TraceCarrier } from '../step-trace';
import { queuePrefix } from './queue-names';

/** A worker that is not heard of for so long has lost its step; the queue takes no less. */
const HEARTBEAT_SECONDS = 10;
/** How often a step is begun anew whose workers died: machines that are taken away at any moment are no fault of it. */
const RETRIES = 20;
const DAY_SECONDS = 24 * 3600;

/** What a job of the queue is: texts, because the queue's own JSON changes the order of keys. */
export interface StepJob {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  /** The run that asked for it first. */
  readonly run: string;
  readonly bytes: number;
  readonly step: string;
  readonly dataset: string;
  readonly plugins: string;
  readonly timeLimit: number | null;
  readonly about?: StepSubject;
  /** Where in its trace the coordinator asked for it. */
  readonly trace?: TraceCarrier;
}

/** A job that a worker has. */
export type ActiveJob = JobWithMetadata<StepJob>;

/** What comes of a change of a job: none where the worker had lost it. */
interface Answer {
  readonly affected: number;
}

/** The queue of steps on a store's server: pg-boss, in a schema of its own. */
export class StepQueue {
  private readonly made = new Set<string>();

  private constructor(
    private readonly boss: PgBoss,
    private readonly server: StoreServer,
    /** The schema of the queue. */
    readonly schema: string,
  ) {}

  /**
   * @param superviseSeconds how often jobs of workers that are gone are looked for
   * @throws RampartError `store` when the server refuses
   */
  static async open(server: StoreServer, superviseSeconds: number): Promise<StepQueue> {
    // An ES module, which takes time to load that no other command has to spend.
    const { PgBoss } = await import('pg-boss');
    const schema = queueSchema(server);
    const boss = new PgBoss({
      schema,
      db: { executeSql: (text: string, values?: unknown[]) => server.executeSql(text, values) },
      supervise: true,
      schedule: false,
      superviseIntervalSeconds: superviseSeconds,
      monitorIntervalSeconds: superviseSeconds,
      monitorVacuum: false,
      // Where this process traces; it does nothing otherwise.
      openTelemetry: { propagateContext: true },
    });
    // A server that is away for a moment: every call of ours waits for it.
    boss.on('error', () => undefined);
    const queue = new StepQueue(boss, server, schema);
    try {
      // The first one makes the tables.
      await server.alone(`rampart ${schema}`, async () => {
        await boss.start();
        await queue.make(DEAD_LETTERS);
      });
    } catch (error) {
      if (isRampartError(error)) throw error;
      const message = `The queue of the store cannot be opened: ${messageOf(error)}`;
      throw new RampartError({ code: 'store', message, cause: error });
    }
    return queue;
  }

  /** Sends a step; one that is there already, whoever sent it, is not sent again. False then. */
  async send(queue: string, id: string, job: StepJob, priority: number): Promise<boolean> {
    await this.make(queue);
    return (await this.boss.send(queue, job, { id, priority })) !== null;
  }

  /** The next job of the queues of this version that a worker may take, of those with the highest priority. */
  async take(accepts: (queue: string) => boolean): Promise<ActiveJob | undefined> {
    const { rows } = await this.server.executeSql(
      `select queue.name from ${this.schema}.queue cross join lateral (
         select priority, created_on from ${this.schema}.job
         where job.name = queue.name and state < 'active' and not blocked and start_after <= now()
         order by priority desc, created_on limit 1
       ) as first
       where queue.name like $1 order by first.priority desc, first.created_on`,
      [`${queuePrefix()}.%`],
    );
    for (const { name } of rows as { name: string }[]) {
      if (!accepts(name)) continue;
      const [job] = await this.boss.fetch<StepJob>(name, { includeMetadata: true });
      if (job) return job;
    }
    return undefined;
  }

  /** Says that the worker is at it. False when it has lost it. */
  async touch(job: ActiveJob): Promise<boolean> {
    return ((await this.boss.touch(job.name, job)) as Answer).affected > 0;
  }

  /** Ends a job together with what else a transaction does. False when the worker has lost it. */
  async complete(job: ActiveJob, output: object, transaction?: StoreTransaction): Promise<boolean> {
    const options = transaction ? { db: this.server.within(transaction) as never } : {};
    return ((await this.boss.complete(job.name, job, output, options)) as Answer).affected > 0;
  }

  /** Has another worker try a job. */
  async fail(job: ActiveJob, failures: readonly StepFailure[]): Promise<void> {
    await this.boss.fail(job.name, job, { failures });
  }

  /** Gives a job back unharmed, as if nobody had taken it. */
  async handBack(job: ActiveJob): Promise<void> {
    const { affected } = (await this.boss.cancel(job.name, job)) as Answer & object;
    if (affected > 0) await this.boss.resume(job.name, job.id);
  }

  /** Puts a job away that nobody can do, for somebody to look at. */
  async bury(job: ActiveJob, failures: readonly StepFailure[]): Promise<void> {
    const { step: _step, ...named } = job.data;
    await this.boss.send(DEAD_LETTERS, { ...named, failures }, { id: job.id });
    await this.boss.deleteJob(job.name, job);
  }

  /** Forgets that a step was put away. */
  async exhume(id: string): Promise<void> {
    await this.boss.deleteJob(DEAD_LETTERS, id);
  }

  async cancel(queue: string, ids: readonly string[]): Promise<void> {
    await this.boss.cancel(queue, [...ids]);
  }

  async resume(queue: string, id: string): Promise<void> {
    await this.boss.resume(queue, id);
  }

  async retry(queue: string, id: string): Promise<void> {
    await this.boss.retry(queue, id);
  }

  async remove(queue: string, id: string): Promise<void> {
    await this.boss.deleteJob(queue, id);
  }

  /** What has become of jobs: those of them that the queue has. */
  async states(
    ids: readonly string[],
  ): Promise<{ id: string; name: string; state: string; output: unknown; data: unknown }[]> {
    const { rows } = await this.server.executeSql(
      `select id, name, state::text as state, output, case when name = $2 then data end as data
       from ${this.schema}.job where id = any($1::uuid[])`,
      [[...ids], DEAD_LETTERS],
    );
    return rows as never;
  }

  async close(): Promise<void> {
    await this.boss.stop({ graceful: false, close: false });
  }

  private async make(queue: string): Promise<void> {
    if (this.made.has(queue)) return;
    const dead = queue === DEAD_LETTERS;
    await this.boss.createQueue(queue, {
      retryLimit: RETRIES,
      expireInSeconds: DAY_SECONDS,
      ...(!dead && { heartbeatSeconds: HEARTBEAT_SECONDS }),
    });
    this.made.add(queue);
  }
}

export function jobOf(task: StepTask, run: string, bytes: number, trace?: TraceCarrier): StepJob {
  const { step, dataset, plugins = [], timeLimit, about } = task;
  return {
    ...{ key: step.key, kind: step.kind, label: step.label, run, bytes },
    step: JSON.stringify(step),
    dataset: JSON.stringify(dataset),
    plugins: JSON.stringify(plugins),
    timeLimit: timeLimit ?? null,
    ...(about && { about }),
    ...(trace && { trace }),
  };
}

/** What `jobOf` made a job of, without the results that the step needs. */
export function taskOf(job: StepJob): Omit<StepTask, 'inputs'> {
  return {
    step: JSON.parse(job.step) as Step,
    dataset: JSON.parse(job.dataset) as DatasetRequest,
    plugins: JSON.parse(job.plugins) as PluginRef[],
    timeLimit: job.timeLimit ?? undefined,
  };
}
