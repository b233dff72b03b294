import type { RunOrder, RunState } from '@rampart/results';
import { Command, Option } from 'commander';

import { storeOption, wholeNumber } from '../../options';
import type { ListArguments } from '../../actions/runs/list';

const STATES: readonly RunState[] = ['running', 'done', 'failed', 'cancelled', 'interrupted'];

const ORDERS: readonly RunOrder[] = ['started', 'name', 'dataset', 'duration', 'robust-accuracy'];

export function listRunsCommand(): Command {
  return new Command('list')
    .description('Lists runs, the newest first.')
    .option(
      '--search <text>',
      'words that a run must have: in its name, tags, models or experiment (attacks, epsilons); name:, dataset:, model:, tag:, id: say where, - leaves out',
    )
    .addOption(new Option('--state <name>', 'how they stand').choices(STATES))
    .option('--dataset <name>', 'their dataset, as the list shows it')
    .option('--tag <tag>', 'a tag that they have')
    .option('--archived', 'those that are archived')
    .option('--deleted', 'those that were deleted and can be restored')
    .addOption(new Option('--order <name>', 'what they are sorted by').choices(ORDERS).default('started'))
    .addOption(new Option('--limit <n>', 'so many of them').default(20).argParser(wholeNumber(1, 100_000)))
    .addOption(storeOption())
    .option('--json', 'print JSON')
    .action(async (options: ListArguments) => (await import('../../actions/runs/list.js')).listRuns(options));
}
