import { basename, resolve } from 'node:path';

import { evaluationText, type Experiment, parseExperiment } from '@rampart/experiments';
import { type Command, Option } from 'commander';

import type { RunArguments } from './commands/run';
import { workersOption } from './commands/run';
import { dataDirOption, positiveIndexOption, preprocessOption, seedList, storeOption, wholeNumber } from './options';

/** Options of the commands that experiment on a model file. */
export interface ModelFileArguments {
  readonly dataset: string;
  readonly classes?: string;
  readonly attacks: string;
  readonly preprocess?: string;
  readonly positiveIndex?: number;
  readonly target?: string;
  readonly name?: string;
  readonly store: string;
  readonly dataDir?: string;
  readonly seeds: readonly number[];
  readonly seed?: readonly number[];
  readonly workers: number;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** Gives a command these options. */
export function withModelFileOptions(command: Command): Command {
  return command
    .argument('<model>', 'an ONNX file')
    .requiredOption('--dataset <name>', 'a dataset, with parameters if it needs any: "mnist(testLimit=500)"')
    .option(
      '--classes <list>',
      "classes by name or number, the malicious one first: 4,7; or all (default: the dataset's own)",
    )
    .option('--attacks <list>', 'attacks, parted by commas', 'fgs(epsilon=0.1),cg,adam')
    .addOption(preprocessOption())
    .addOption(positiveIndexOption())
    .option('--target <class>', 'the class that attacked instances are to be taken for (default: any wrong one)')
    .option('--name <text>', 'what tables call the model (default: the name of the file)')
    .addOption(storeOption())
    .addOption(dataDirOption())
    .addOption(new Option('--seeds <list>', '1 or 1,4,7 or 1..5').argParser(seedList).default([1], '1'))
    .addOption(new Option('--seed <n>', 'one seed').argParser((value: string) => [wholeNumber(0, 2 ** 31 - 1)(value)]))
    .addOption(workersOption())
    .option('--dry-run', 'show the plan and what of it is done already, and do nothing')
    .option('--json', 'print events and figures as JSON, one object a line');
}

/** The experiment that such a command stands for. Its text is shown, so that it can be kept and run again. */
export function modelFileExperiment(
  verb: 'evaluate' | 'harden',
  file: string,
  options: ModelFileArguments & { readonly defense?: string },
): Experiment {
  const label = options.name ?? basename(file);
  const text = evaluationText({
    name: `${verb} ${label}`,
    path: resolve(file),
    label: options.name,
    preprocess: options.preprocess,
    positiveIndex: options.positiveIndex,
    dataset: options.dataset,
    classes: options.classes,
    attacks: options.attacks,
    defenses: options.defense,
    target: options.target,
    seeds: options.seed ?? options.seeds,
  });
  return parseExperiment(text, `rampart ${verb}`);
}

/** What running it takes. */
export function runArguments({ store, dataDir, workers, json, dryRun }: ModelFileArguments): RunArguments {
  return {
    store,
    workers,
    engine: 'onnx',
    ...(dataDir !== undefined && { dataDir }),
    ...(json !== undefined && { json }),
    ...(dryRun !== undefined && { dryRun }),
  };
}

/** Prints the experiment as the file that `rampart run` would take. */
export function showExperiment({ text }: Experiment): void {
  const lines = text.trimEnd().split('\n');
  process.stdout.write(`The same as "rampart run" on this file:\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}
