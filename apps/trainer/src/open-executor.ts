import {
  type Executor,
  PRIORITY,
  type Prepared,
  type QueueExecutor,
  queueExecutor,
  type SharedExecutor,
  type StepTrace,
  threadExecutor,
  workerVersion,
} from '@rampart/experiments';
import type { RunRecord, Store } from '@rampart/results';

export interface ExecutorOptions {
  readonly workers: number;
  /** Compute in this process although the store has workers. */
  readonly here?: boolean;
  /** Of a run that workers do: steps asked for at once, and whether it comes before others. */
  readonly atOnce?: number;
  readonly priority?: number;
}

/** Steps that a run has under way at once at most, where workers do them: all of any machine room. */
const AT_ONCE = 5_000;

/** Who does the steps of a run. */
export interface OpenExecutor {
  readonly executor: Executor | SharedExecutor;
  /** Steps under way at once. */
  readonly workers: number;
  /** To be told the run before its first step. */
  opened(run: RunRecord): void;
  /** Notes down what readers of the figures must know of who computed them. */
  finished(run: RunRecord): Promise<void>;
}

/** Threads of this process where the store is a folder, and the workers of a store that is on a server. */
export async function openExecutor(
  { plan, dataset }: Prepared,
  store: Store,
  options: ExecutorOptions,
  order: ((step: (typeof plan.steps)[number]) => number) | undefined,
  trace: StepTrace,
): Promise<OpenExecutor> {
  if (!store.server || options.here) {
    const executor = threadExecutor(store.artifacts.location, options.workers);
    return { executor, workers: options.workers, opened: () => undefined, finished: () => Promise.resolve() };
  }
  let run = '';
  await tellOfWorkers(store);
  const executor: QueueExecutor = await queueExecutor({
    store,
    run: () => run,
    data: 4 * (dataset.train.images.data.length + dataset.test.images.data.length),
    ...{ priority: options.priority ?? 0, trace },
    order: order ?? (({ kind }) => PRIORITY[kind]),
    onLeft: (worker, why) =>
      void process.stderr.write(`rampart: warning: worker ${worker} leaves steps to others: ${why}\n`),
  });
  return {
    executor,
    workers: options.atOnce ?? AT_ONCE,
    opened: ({ id }) => {
      run = id;
    },
    async finished({ id, notes }) {
      const processors = await executor.processors(plan.steps.map(({ key }) => key));
      if (processors.length < 2) return;
      const note = `Computed on several kinds of processors, which may round differently: ${processors.join('; ')}.`;
      await store.runs.update(id, { notes: [...new Set([...notes, note])] });
    },
  };
}

/** Whoever waits for workers that are not there is told so; the run begins when they come. */
async function tellOfWorkers(store: Store): Promise<void> {
  const alive = (await store.workers.list()).filter(({ state }) => state === 'alive');
  if (alive.some(({ has }) => has.version === workerVersion())) return;
  const others = [...new Set(alive.map(({ has }) => has.version))];
  const found =
    others.length === 0
      ? 'No worker is alive'
      : `${alive.length} workers are alive, but of other versions (${others.join(', ')}; this is ${workerVersion()})`;
  process.stderr.write(
    `rampart: warning: ${found}. The run waits for one: start "rampart worker" with the same store, or add --here to compute in this process.\n`,
  );
}
