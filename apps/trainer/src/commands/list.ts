import { Command } from 'commander';

import type { ListArguments } from '../actions/list';

/** What `rampart list` takes: the kinds of components, then what is no component and named in experiments or options. */
export const LIST_KINDS = [
  'attacks',
  'defenses',
  'datasets',
  'models',
  'metrics',
  'audits',
  'presets',
  'engines',
  'preprocess',
  'plugins',
] as const;

export function listCommand(): Command {
  return new Command('list')
    .description(
      'Lists the kinds of what experiments and options name, those of one kind, or tells about one: its parameters, their defaults and its source.',
    )
    .argument('[kind]', LIST_KINDS.join('|'))
    .argument('[name]', 'one of them')
    .option(
      '--plugin <reference>',
      'with the components of a plugin: a file, a folder or a package; may be given again',
      (reference: string, before: readonly string[] = []) => [...before, reference],
    )
    .option('--json', 'print JSON')
    .action(async (kind: string | undefined, name: string | undefined, options: ListArguments) =>
      (await import('../actions/list.js')).list(kind, name, options),
    );
}
