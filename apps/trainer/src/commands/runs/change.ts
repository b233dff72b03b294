import { isVisible, RampartError } from '@rampart/core';
import { Command } from 'commander';

import { noteWrite } from '../../note-write';
import { storeOption } from '../../options';
import { runArgument, withStore } from './with-store';

/** Characters that a name or a tag has at most, here as on the dashboard. */
const LONGEST = { name: 120, tag: 31 } as const;

export function renameCommand(): Command {
  return new Command('rename')
    .description('Gives a run another name.')
    .addArgument(runArgument())
    .argument('<name>', 'what lists and reports call it')
    .addOption(storeOption())
    .action(async (id: string, name: string, options: { store: string }) => {
      checkText('name', name);
      await withStore(options.store, { readOnly: false }, async (store) => {
        const run = await store.runs.get(id);
        await store.runs.rename(run.id, name.trim());
        await noteWrite(store, 'runs.rename', { id: run.id, name: name.trim() });
        process.stdout.write(`Run ${run.id} is called "${name.trim()}".\n`);
      });
    });
}

export function tagCommand(): Command {
  return new Command('tag')
    .description('Adds tags to a run, or takes them off.')
    .addArgument(runArgument())
    .argument('[tags...]', 'to add')
    .option('--remove <tags...>', 'to take off')
    .addOption(storeOption())
    .action(async (id: string, added: string[], { remove = [], store: directory }: TagArguments) => {
      for (const tag of added) checkText('tag', tag);
      await withStore(directory, { readOnly: false }, async (store) => {
        const run = await store.runs.get(id);
        const unknown = remove.find((tag) => !run.tags.includes(tag));
        if (unknown !== undefined) throw noSuchTag(unknown, run.tags);
        const tags = [...run.tags, ...added].filter((tag) => !remove.includes(tag));
        await store.runs.tag(run.id, tags);
        await noteWrite(store, 'runs.tag', { id: run.id, tags });
        process.stdout.write(`Run ${run.id} has the tags: ${[...new Set(tags)].sort().join(', ') || 'none'}.\n`);
      });
    });
}

interface TagArguments {
  readonly remove?: readonly string[];
  readonly store: string;
}

export function cancelCommand(): Command {
  return new Command('cancel')
    .description('Asks a run that goes on, wherever it does, to stop. What was finished stays.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .action(async (id: string, options: { store: string }) => {
      await withStore(options.store, { readOnly: false }, async (store) => {
        const run = await store.runs.get(id);
        if (run.state !== 'running' && run.state !== 'interrupted') {
          throw new RampartError({
            code: 'usage',
            message: `Run ${run.id} is ${run.state}: expected one that is running.`,
          });
        }
        await store.runs.requestCancel(run.id);
        await noteWrite(store, 'runs.cancel', { id: run.id });
        const then = run.state === 'running' ? 'stops after the batches under way' : 'is cancelled';
        process.stdout.write(`Run ${run.id} ${then}; "rampart runs resume ${run.id}" goes on with it.\n`);
      });
    });
}

function checkText(what: keyof typeof LONGEST, text: string): void {
  const taken = what === 'name' ? isVisible(text) : /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(text);
  if (text.trim() !== '' && taken && text.length <= LONGEST[what]) return;
  const of = what === 'name' ? 'on one line' : 'from letters, digits, spaces, dots, dashes and underscores';
  throw new RampartError({
    code: 'usage',
    message: `Expected a ${what} of 1 to ${LONGEST[what]} characters ${of}. Received ${text.length} characters: ${JSON.stringify(text.slice(0, 40))}.`,
  });
}

function noSuchTag(tag: string, tags: readonly string[]): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The run has no tag "${tag}". It has: ${tags.join(', ') || 'none'}.`,
  });
}
