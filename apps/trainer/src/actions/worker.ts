import { randomBytes } from 'node:crypto';
import { availableParallelism, cpus, hostname } from 'node:os';

import { runtimeVersion, threadExecutor, workerVersion, workOnQueue } from '@rampart/experiments';
import { RampartError } from '@rampart/core';
import { isServer, openStore, shownLocation, type WorkerMeans } from '@rampart/results';

import { startTracing } from '../tracing';
import { untilInterrupted } from '../until-interrupted';

export interface WorkerArguments {
  readonly store: string;
  readonly artifacts?: string;
  readonly dataDir?: string;
  readonly threads: number;
  readonly kinds?: readonly string[];
  readonly memory: number;
  readonly exitWhenIdle?: number;
}

/** `rampart worker`. */
export async function work(options: WorkerArguments): Promise<void> {
  if (!isServer(options.store)) {
    throw new RampartError({
      code: 'usage',
      message: `"${options.store}" is a folder, whose runs do their own steps. Expected the address of a store on PostgreSQL: --store postgres://USER:PASSWORD@HOST/DATABASE.`,
    });
  }
  const interrupt = untilInterrupted('handing steps back');
  const tracing = await startTracing();
  const store = await openStore(options.store, { create: true, artifacts: options.artifacts });
  const executor = threadExecutor(store.artifacts.location, options.threads);
  const means = meansOf(options);
  const id = `${means.host}/${means.pid}-${randomBytes(2).toString('hex')}`;
  try {
    say(
      `worker ${id} of ${shownLocation(options.store)}: ${means.threads} threads, ${options.memory} GiB, ${means.version}`,
    );
    const { done, failed } = await workOnQueue({
      ...{ store, id, executor, means, dataDir: options.dataDir, exitWhenIdle: options.exitWhenIdle },
      ...{ signal: interrupt.signal, trace: tracing },
      onStep: (what, label, why) => say(`${what}: ${label}${why === undefined ? '' : `: ${why}`}`),
    });
    say(`${done} steps done, ${failed} failed`);
  } finally {
    await executor.close();
    await store.close();
    await tracing.close();
    interrupt.dispose();
  }
}

function meansOf({ threads, kinds = [], memory }: WorkerArguments): WorkerMeans {
  return {
    ...{ host: hostname(), pid: process.pid, cores: availableParallelism(), threads, memory: memory * 2 ** 30, kinds },
    processor: `${cpus()[0]?.model.trim() || 'unknown'} (${process.platform} ${process.arch})`,
    ...{ version: workerVersion(), node: process.versions.node, engine: `ONNX Runtime ${runtimeVersion()}` },
  };
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(0, 19)}Z ${line}\n`);
}
