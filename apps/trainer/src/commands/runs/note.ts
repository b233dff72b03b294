import { Command } from 'commander';

import type { NoteArguments } from '../../actions/runs/note';
import { runArgument, storeOption } from '../../options';

export function noteCommand(): Command {
  return new Command('note')
    .description('Shows what people say about a run, or says something about it, in Markdown.')
    .addArgument(runArgument())
    .argument('[text]', 'in the place of the note that there is; - reads it from standard input')
    .option('--history', 'show all that was ever said')
    .addOption(storeOption())
    .option('--json', 'print JSON')
    .action(async (id: string, text: string | undefined, options: NoteArguments) =>
      (await import('../../actions/runs/note.js')).note(id, text, options),
    );
}
