import { Command } from 'commander';

import { deleteCommand } from './runs/delete';
import { listRunsCommand } from './runs/list';
import { cancelCommand, renameCommand, tagCommand } from './runs/change';
import { resumeCommand } from './runs/resume';
import { showCommand } from './runs/show';

export function runsCommand(): Command {
  const command = new Command('runs').description(
    'Lists the runs of a store, and shows, renames, tags, cancels, deletes or goes on with one.',
  );
  for (const one of [
    listRunsCommand,
    showCommand,
    renameCommand,
    tagCommand,
    resumeCommand,
    cancelCommand,
    deleteCommand,
  ]) {
    command.addCommand(one());
  }
  return command;
}
