import { Command } from 'commander';

import { runsArgument, storeOption } from '../../options';
import type { DeleteArguments } from '../../actions/runs/delete';

export function deleteCommand(): Command {
  return new Command('delete')
    .description(
      'Deletes runs. They can be restored for a week, then what no other run has goes too. Asks before it does.',
    )
    .addArgument(runsArgument())
    .option('--for-good', 'at once and without a way back, what is deleted already as well')
    .option('-y, --yes', 'do not ask')
    .addOption(storeOption())
    .action(async (ids: string[], options: DeleteArguments) =>
      (await import('../../actions/runs/delete.js')).deleteRuns(ids, options),
    );
}
