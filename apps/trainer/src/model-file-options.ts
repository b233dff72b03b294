import { basename, resolve } from 'node:path';

import { type EvaluationRequest, evaluationText, type Experiment, parseExperiment } from '@rampart/experiments';
import { type Command, Option } from 'commander';

import type { RunArguments } from './commands/run';
import { workersOption } from './commands/run';
import {
  attackAtOption,
  auditsOption,
  dataDirOption,
  deviceOption,
  feedOption,
  outputOption,
  positiveIndexOption,
  preprocessOption,
  remedyBudgetOption,
  seedList,
  storeOption,
  threatsOption,
  wholeNumber,
} from './options';
import { isQuiet } from './terminal';

/** Options of the commands that experiment on a model file. */
export interface ModelFileArguments {
  readonly dataset: string;
  readonly classes?: string;
  readonly attacks?: string;
  readonly threats?: string;
  readonly frozen?: string;
  readonly lower?: string;
  readonly upper?: string;
  readonly values?: 'integer' | '8-bit';
  readonly audits?: string;
  readonly remedyBudget?: number;
  readonly device?: string;
  readonly preprocess?: string;
  readonly output?: string;
  readonly positiveIndex?: number;
  readonly feed?: readonly string[];
  readonly attackAt?: string;
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
      "classes by name or number: of some, those of the first are attacked: 4,7; or all (default: the dataset's own)",
    )
    .option(
      '--attacks <list>',
      'attacks, parted by commas (default: fgs(epsilon=0.1),cg,adam; with --threats what answers each of them best)',
    )
    .addOption(threatsOption())
    .option('--frozen <file>', 'features that may not change: a mask as .npy, or indices parted by commas')
    .option('--lower <file>', 'lower bounds of the features, as .npy')
    .option('--upper <file>', 'upper bounds of the features, as .npy')
    .addOption(new Option('--values <kind>', 'values that a changed feature may take').choices(['integer', '8-bit']))
    .addOption(auditsOption())
    .addOption(remedyBudgetOption())
    .addOption(deviceOption())
    .addOption(preprocessOption())
    .addOption(outputOption())
    .addOption(positiveIndexOption())
    .addOption(feedOption())
    .addOption(attackAtOption())
    .option(
      '--target <class>',
      'the class that attacked instances are to be taken for; least-likely, random or each; or one of each as .npy (default: any wrong one)',
    )
    .option('--name <text>', 'what tables call the model (default: the name of the file)')
    .addOption(storeOption())
    .addOption(dataDirOption())
    .addOption(new Option('--seeds <list>', '1 or 1,4,7 or 1..5').argParser(seedList).default([1], '1'))
    .addOption(new Option('--seed <n>', 'one seed').argParser((value: string) => [wholeNumber(0, 2 ** 31 - 1)(value)]))
    .addOption(workersOption())
    .option('--dry-run', 'show the plan and what of it is done already, and do nothing')
    .option('--json', 'print events and figures as JSON, one object a line');
}

/** What a field of its experiment was on the command line. */
const FIELD_OPTIONS = {
  ...{ models: 'the model', dataset: '--dataset', attacks: '--attacks', threats: '--threats', defenses: '--defense' },
  ...{ target: '--target', audits: '--audits', remedyBudget: '--remedy-budget', device: '--device', seeds: '--seeds' },
  ...{ feasible: '--frozen, --lower, --upper or --values', name: '--name' },
};

/** The experiment that such a command stands for. Its text is shown, so that it can be kept and run again. */
export function modelFileExperiment(
  verb: 'evaluate' | 'harden' | 'gate',
  file: string,
  options: ModelFileArguments & { readonly defense?: string },
): Experiment {
  const label = options.name ?? basename(file);
  const text = evaluationText({
    name: `${verb} ${label}`,
    path: resolve(file),
    label: options.name,
    preprocess: options.preprocess,
    output: options.output,
    positiveIndex: options.positiveIndex,
    feed: options.feed,
    attackAt: options.attackAt,
    dataset: options.dataset,
    classes: options.classes,
    attacks: options.attacks ?? (options.threats === undefined ? 'fgs(epsilon=0.1),cg,adam' : undefined),
    threats: options.threats,
    feasible: feasibleOf(options),
    defenses: options.defense,
    target: options.target?.endsWith('.npy') ? resolve(options.target) : options.target,
    audits: options.audits,
    remedyBudget: options.remedyBudget,
    device: options.device,
    seeds: options.seed ?? options.seeds,
  });
  return parseExperiment(text, { title: `rampart ${verb}`, options: FIELD_OPTIONS, made: true });
}

/** What the options say about features; undefined where they say nothing. */
function feasibleOf({ frozen, lower, upper, values }: ModelFileArguments): EvaluationRequest['feasible'] {
  const said = {
    ...(frozen !== undefined && {
      frozen: /^[\d,\s]+$/.test(frozen) ? frozen.split(',').map(Number) : resolve(frozen),
    }),
    ...(lower !== undefined && { lower: resolve(lower) }),
    ...(upper !== undefined && { upper: resolve(upper) }),
    ...(values !== undefined && { values }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
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
  if (isQuiet()) return;
  const lines = text.trimEnd().split('\n');
  process.stdout.write(`The same as "rampart run" on this file:\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}
