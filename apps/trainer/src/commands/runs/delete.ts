import { Command } from 'commander';

import { storeOption } from '../../options';
import type { DeleteArguments } from '../../actions/runs/delete';

export function deleteCommand(): Command {
  return new Command('delete')
    .description('Deletes runs, with the models and examples that no other run has. Asks before it does.')
    .argument('<runs...>', 'identities, beginnings of them or of their last six digits, or "latest"')
    .option('-y, --yes', 'do not ask')
    .addOption(storeOption())
    .action(async (ids: string[], options: DeleteArguments) =>
      (await import('../../actions/runs/delete.js')).deleteRuns(ids, options),
    );
}
