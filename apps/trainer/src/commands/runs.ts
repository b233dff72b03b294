import { Command } from 'commander';

import { deleteCommand } from './runs/delete';
import { listRunsCommand } from './runs/list';
import { cancelCommand, renameCommand, tagCommand } from './runs/change';
import { noteCommand } from './runs/note';
import { resumeCommand } from './runs/resume';
import { archiveCommand, restoreCommand } from './runs/shelf';
import { showCommand } from './runs/show';

export function runsCommand(): Command {
  const command = new Command('runs').description(
    'Lists the runs of a store, and shows, renames, tags, cancels, archives, deletes, restores or goes on with one, or says something about it.',
  );
  for (const one of [
    listRunsCommand,
    showCommand,
    renameCommand,
    tagCommand,
    noteCommand,
    resumeCommand,
    cancelCommand,
    archiveCommand,
    deleteCommand,
    restoreCommand,
  ]) {
    command.addCommand(one());
  }
  return command;
}
