import { availableParallelism, totalmem } from 'node:os';

import type { StepKind } from '@rampart/experiments';
import { Command, InvalidArgumentError, Option } from 'commander';

import { artifactsOption, dataDirOption, storeOption, wholeNumber } from '../options';
import type { WorkerArguments } from '../actions/worker';

/** Every kind of step, those that are done first before others. */
const KINDS = Object.keys({
  import: true,
  ensemble: true,
  train: true,
  harden: true,
  attack: true,
  evaluate: true,
  'worst-case': true,
  audit: true,
  robustness: true,
  certify: true,
} satisfies Record<StepKind, true>);

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
      new Option('--kinds <list>', `kinds of steps that it takes, of ${KINDS.join(', ')} (default: all)`).argParser(
        kindList,
      ),
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
    .action(async (options: WorkerArguments) => (await import('../actions/worker.js')).work(options));
}

/** Bytes that this process may have: a container has less than its machine. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function kindList(value: string): string[] {
  const kinds = value.split(',').map((one) => one.trim());
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown === undefined) return kinds;
  throw new InvalidArgumentError(`"${unknown}" is no kind of step. Expected some of ${KINDS.join(', ')}.`);
}
