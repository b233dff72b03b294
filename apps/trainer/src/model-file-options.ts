import { type Command, Option } from 'commander';

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
  workersOption,
} from './options';

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
