import { Command, Option } from 'commander';

import {
  artifactsOption,
  auditsOption,
  dataDirOption,
  deviceOption,
  engineOption,
  remedyBudgetOption,
  seedList,
  storeOption,
  threatsOption,
  wholeNumber,
  workersOption,
} from '../options';
import type { RunArguments } from '../perform';

export function runCommand(): Command {
  return new Command('run')
    .description('Runs an experiment: trains, attacks, defends, evaluates, and prints its report.')
    .argument(
      '<experiment>',
      'a file, or the name of a preset: quickstart, paper-mnist, paper-cifar10, or paper for both',
    )
    .addOption(storeOption())
    .addOption(artifactsOption())
    .addOption(dataDirOption())
    .addOption(
      new Option('--seeds <list>', "seeds instead of the experiment's own: 1 or 1,4,7 or 1..5").argParser(seedList),
    )
    .addOption(new Option('--seed <n>', 'one seed').argParser((value: string) => [wholeNumber(0, 2 ** 31 - 1)(value)]))
    .addOption(threatsOption())
    .addOption(auditsOption())
    .addOption(remedyBudgetOption())
    .addOption(deviceOption())
    .addOption(engineOption())
    .addOption(workersOption())
    .option('--here', 'on a store on PostgreSQL: compute in this process instead of asking workers')
    .addOption(
      new Option('--at-once <n>', 'steps that workers may do for this run at the same time').argParser(
        wholeNumber(1, 1_000_000),
      ),
    )
    .addOption(
      new Option(
        '--priority <n>',
        'workers take steps of runs with more before those of others (default: 0)',
      ).argParser(wholeNumber(0, 1_000)),
    )
    .option('--dry-run', 'show the plan and what of it is done already, and do nothing')
    .option('--json', 'print events and figures as JSON, one object a line')
    .addOption(new Option('--job <n>').argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER)).hideHelp())
    .addOption(new Option('--careful').hideHelp())
    .action(async (name: string, options: RunArguments & { seed?: number[] }) => {
      const seeds = options.seed ?? options.seeds;
      const { runExperiment } = await import('../perform.js');
      await runExperiment(name, { ...options, ...(seeds ? { seeds } : {}) });
    });
}
