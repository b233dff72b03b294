import { randomBytes } from 'node:crypto';
import { availableParallelism, cpus, hostname, totalmem } from 'node:os';

import { runtimeVersion, stepKinds, threadExecutor, workerVersion, workOnQueue } from '@rampart/experiments';
import { RampartError } from '@rampart/core';
import { isServer, openStore, shownLocation, type WorkerMeans } from '@rampart/results';
import { Command, InvalidArgumentError, Option } from 'commander';

import { artifactsOption, dataDirOption, storeOption, wholeNumber } from '../options';
import { untilInterrupted } from '../until-interrupted';

interface WorkerArguments {
  readonly store: string;
  readonly artifacts?: string;
  readonly dataDir?: string;
  readonly threads: number;
  readonly kinds?: readonly string[];
  readonly memory: number;
  readonly exitWhenIdle?: number;
}

const GIB = 2 ** 30;
/** What the system and this process need beside steps. */
const SPARE = 0.1;

export function workerCommand(): Command {
  return new Command('worker')
    .description('Does steps of the runs of a store on PostgreSQL, until it is interrupted.')
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(dataDirOption())
    .addOption(
      new Option('--threads <n>', 'steps at once')
        .default(Math.max(1, Math.min(8, availableParallelism())))
        .argParser(wholeNumber(1, 256)),
    )
    .addOption(
      new Option(
        '--kinds <list>',
        `kinds of steps that it takes, of ${stepKinds().join(', ')} (default: all)`,
      ).argParser(kindList),
    )
    .addOption(
      new Option('--memory <gib>', 'GiB that its steps may take; a step that needs more is left to others')
        .default(Math.max(1, Math.floor((1 - SPARE) * (memoryHere() / GIB))))
        .argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(
      new Option('--exit-when-idle <seconds>', 'end after so long without a step (default: never)').argParser(
        wholeNumber(0, 1_000_000),
      ),
    )
    .action(work);
}

async function work(options: WorkerArguments): Promise<void> {
  if (!isServer(options.store)) {
    throw new RampartError({
      code: 'usage',
      message: `"${options.store}" is a folder, whose runs do their own steps. Expected the address of a store on PostgreSQL: --store postgres://USER:PASSWORD@HOST/DATABASE.`,
    });
  }
  const interrupt = untilInterrupted('handing steps back');
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
      signal: interrupt.signal,
      onStep: (what, label, why) => say(`${what}: ${label}${why === undefined ? '' : `: ${why}`}`),
    });
    say(`${done} steps done, ${failed} failed`);
  } finally {
    await executor.close();
    await store.close();
    interrupt.dispose();
  }
}

function meansOf({ threads, kinds = [], memory }: WorkerArguments): WorkerMeans {
  return {
    ...{ host: hostname(), pid: process.pid, cores: availableParallelism(), threads, memory: memory * GIB, kinds },
    processor: `${cpus()[0]?.model.trim() || 'unknown'} (${process.platform} ${process.arch})`,
    ...{ version: workerVersion(), node: process.versions.node, engine: `ONNX Runtime ${runtimeVersion()}` },
  };
}

/** Bytes that this process may have: a container has less than its machine. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function kindList(value: string): string[] {
  const kinds = value.split(',').map((one) => one.trim());
  const unknown = kinds.find((kind) => !stepKinds().includes(kind));
  if (unknown === undefined) return kinds;
  throw new InvalidArgumentError(`"${unknown}" is no kind of step. Expected some of ${stepKinds().join(', ')}.`);
}

function say(line: string): void {
  process.stdout.write(`${new Date().toISOString().slice(0, 19)}Z ${line}\n`);
}
