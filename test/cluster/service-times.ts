import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { workerVersion, workOnQueue } from '@rampart/experiments';
import { type InstanceRecord, openStore, type Store, type WorkerMeans } from '@rampart/results';
import { Client } from 'pg';

import { jobIdOf, queueName } from '../../libs/experiments/src/queue/queue-names';
import { type ActiveJob, StepQueue } from '../../libs/experiments/src/queue/step-queue';
import { recordStep } from '../../libs/experiments/src/step-record';
import type { TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';
import { type Cost, ServerClock } from './server-clock';

/**
 * What is done for a step, in this order: the worker takes, begins, signs, touches, tells its progress and finishes, the
 * coordinator sends, looks, and notes in the run what is started, has progressed and is finished.
 */
export const OPERATIONS = [
  ...(['send', 'take', 'begin', 'sign', 'started', 'touch', 'progress'] as const),
  ...(['progressed', 'finish', 'look', 'finished'] as const),
] as const;

export type Operation = (typeof OPERATIONS)[number];

export interface ServiceTimes {
  readonly operations: Readonly<Record<Operation, Cost>>;
  /** A second of a worker that has nothing to do. */
  readonly idle: Cost;
  /** Of the server's, for each connection that listens when something is told on its channel, and on another one. */
  readonly hears: number;
  readonly disturbed: number;
  /** Connections that a worker has while it works, with the one that listens. */
  readonly connections: number;
}

const QUEUE = queueName('attack', 1);
const ENDED = { cached: false, seconds: 1, stepsDone: 1, stepsTotal: 2 };
const MEANS: WorkerMeans = {
  ...{ host: 'bench', pid: process.pid, cores: 1, threads: 1, memory: 2 ** 33, processor: 'any', kinds: [] },
  ...{ version: workerVersion(), node: process.versions.node, engine: 'none' },
};

/**
 * Measures on a real server what each operation of the queue and of its store takes.
 * @param steps how often each is done
 * @param rows instances that a step judged
 */
export async function measureServiceTimes(
  server: TemporaryServer,
  files: string,
  { steps, rows }: { readonly steps: number; readonly rows: number },
): Promise<ServiceTimes> {
  const url = await server.database();
  const store = await openStore(url, { create: true, artifacts: files });
  const clock = await ServerClock.of(server);
  try {
    const operations = await timeOperations(store, clock, steps, rows);
    const hears = await timeListeners(clock, url, 'rampart_work');
    const disturbed = await timeListeners(clock, url, 'rampart_steps');
    return { operations, hears, disturbed, ...(await timeWorkers(server, clock, url)) };
  } finally {
    await store.close();
  }
}

async function timeOperations(store: Store, clock: ServerClock, steps: number, rows: number) {
  const server = store.server!;
  const queue = await StepQueue.open(server, 3600);
  const run = await store.runs.create({
    ...{ name: 'bench', planKey: 'bench', experiment: '', dataset: 'none', engine: 'none', seeds: [1] },
    ...{ published: undefined, stepsTotal: steps },
  });
  const keys = Array.from({ length: steps }, (_, number) => `step ${number}`);
  const jobs = new Map<string, ActiveJob>();
  const progress = { done: 1, total: 10, unit: 'instances' };
  const tell = (type: string, key: string) => server.tell('rampart_steps', JSON.stringify({ type, key, progress }));
  const stepOf = (key: string) => ({ kind: 'attack' as const, key, label: key, needs: [], versions: {} });
  const work: Readonly<Record<Operation, (key: string) => Promise<unknown>>> = {
    async send(key) {
      await queue.exhume(jobIdOf(key));
      const texts = { step: JSON.stringify(stepOf(key)), dataset: '{}', plugins: '[]' };
      const job = { key, kind: 'attack', label: key, run: run.id, bytes: 1, ...texts, timeLimit: null };
      await queue.send(QUEUE, jobIdOf(key), job, 0);
      await server.tell('rampart_work', 'ready');
    },
    async take() {
      const job = (await queue.take(() => true))!;
      jobs.set(job.data.key, job);
    },
    async begin(key) {
      await tell('begun', key);
      await store.steps.find(key);
    },
    async sign(key) {
      const busy = [{ key, kind: 'attack', label: key, since: store.now() }];
      await store.workers.sign({ id: 'bench', startedAt: 0, done: 1, failed: 0, has: MEANS, busy });
    },
    touch: (key) => queue.touch(jobs.get(key)!),
    progress: (key) => tell('progress', key),
    started: (step) => store.events.append(run.id, { type: 'step-started', step, kind: 'attack', label: step }),
    progressed: (step) => store.events.append(run.id, { type: 'step-progress', step, ...progress }),
    async finish(key) {
      const result = { output: {}, artifacts: [], instances: instancesOf(key, rows) };
      await recordStep(store, stepOf(key), { result, seconds: 1 }, async (transaction) => {
        await queue.complete(jobs.get(key)!, { worker: 'bench', processor: 'any' }, transaction);
        await server.tell('rampart_steps', JSON.stringify({ type: 'done', key }), transaction);
      });
    },
    async look(step) {
      await store.steps.findAll([step]);
      await queue.states([jobIdOf(step)]);
    },
    finished: (step) => store.events.append(run.id, { type: 'step-finished', step, label: step, ...ENDED }),
  };
  const costs: Partial<Record<Operation, Cost>> = {};
  try {
    // The first of a kind has to be planned and compiled.
    for (const name of OPERATIONS) {
      const [first, ...others] = keys;
      await work[name](first!);
      costs[name] = await clock.of(others.length, async () => {
        for (const key of others) await work[name](key);
      });
    }
    return costs as Record<Operation, Cost>;
  } finally {
    await queue.close();
  }
}

function instancesOf(evaluateStep: string, rows: number): InstanceRecord[] {
  return Array.from({ length: rows }, (_, position) => ({
    ...{ evaluateStep, position, testIndex: 2 * position, label: 0, predictionBefore: 0, predictionAfter: 1 },
    ...{ confidenceBefore: 0.987654321, confidenceAfter: 0.54321, distortion: 0.012345678, linf: 0.3, iterations: 40 },
  }));
}

const LISTENERS = 40;
const TOLD = 200;
/** Long enough for all that listen to have read what was told before the next. */
const PAUSE_MS = 10;

/** What something that is told costs the server more for each connection that listens on a channel. */
async function timeListeners(clock: ServerClock, url: string, channel: string) {
  const teller = new Client({ connectionString: url });
  await teller.connect();
  const tell = () =>
    clock.of(TOLD, async () => {
      for (let number = 0; number < TOLD; number++) {
        await teller.query(`select pg_notify('rampart_work', 'told ${number}')`);
        await delay(PAUSE_MS);
      }
    });
  const alone = await tell();
  const listeners = Array.from({ length: LISTENERS }, () => new Client({ connectionString: url }));
  for (const listener of listeners) {
    await listener.connect();
    await listener.query(`listen ${channel}`);
  }
  const heard = await tell();
  for (const client of [teller, ...listeners]) await client.end();
  return Math.max(0, heard.server - alone.server) / LISTENERS;
}

const WORKERS = 6;
const IDLE_MS = 12_000;

/** Real workers that have nothing to do, and how many connections they have. */
async function timeWorkers(server: TemporaryServer, clock: ServerClock, url: string) {
  const stop = new AbortController();
  const stores = await Promise.all(Array.from({ length: WORKERS }, () => openStore(url)));
  const executor = { run: () => Promise.reject(new Error('There is nothing to do.')), close: () => Promise.resolve() };
  const work = (store: Store) => workOnQueue({ store, id: randomUUID(), executor, means: MEANS, signal: stop.signal });
  const ended = stores.map(work);
  await delay(2_000);
  const spent = await clock.of(1, () => delay(IDLE_MS));
  const database = new URL(url).pathname.slice(1);
  const [counted] = await server.query(
    `select count(*)::int as count from pg_stat_activity where datname = '${database}'`,
  );
  stop.abort();
  await Promise.all(ended);
  await Promise.all(stores.map((store) => store.close()));
  const share = WORKERS * (IDLE_MS / 1000);
  const idle = { server: spent.server / share, client: spent.client / share };
  return { idle, connections: Math.round((counted!['count'] as number) / WORKERS) };
}
