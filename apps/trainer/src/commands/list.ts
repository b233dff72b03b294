import { type ComponentDefinition, unknownName } from '@rampart/core';
import { listed } from '@rampart/experiments';
import Table from 'cli-table3';
import { Command } from 'commander';

import { describeComponent, parametersOf } from '../component-description';

export function listCommand(): Command {
  return new Command('list')
    .description(
      'Lists the kinds of components, those of one kind, or tells about one: its parameters, their defaults and its source.',
    )
    .argument('[kind]', Object.keys(listed).join('|'))
    .argument('[name]', 'one component')
    .option('--json', 'print JSON')
    .action((kind: string | undefined, name: string | undefined, options: { json?: boolean }) => {
      if (kind === undefined) return printKinds(options);
      const registry = listed[kind];
      if (!registry) throw unknownName('kind of component', kind, Object.keys(listed));
      const names = name === undefined ? registry.names() : [name];
      const definitions = names.map((item) => registry.get(item));
      if (options.json) {
        process.stdout.write(`${JSON.stringify(definitions.map(describeComponent), null, 2)}\n`);
      } else if (name === undefined) {
        for (const { name: item, summary } of definitions) process.stdout.write(`${item.padEnd(22)} ${summary}\n`);
      } else {
        print(definitions[0]!);
      }
    });
}

function printKinds(options: { json?: boolean }): void {
  const kinds = Object.entries(listed).map(([kind, registry]) => ({ kind, names: registry.names() }));
  if (options.json) return void process.stdout.write(`${JSON.stringify(kinds, null, 2)}\n`);
  for (const { kind, names } of kinds) process.stdout.write(`${kind.padEnd(10)} ${names.join(', ')}\n`);
}

function print(definition: ComponentDefinition): void {
  process.stdout.write(`${definition.name}: ${definition.summary}\nSource: ${definition.source}\n`);
  const parameters = parametersOf(definition.params);
  if (parameters.length === 0) return void process.stdout.write('No parameters.\n');
  const table = new Table({ head: ['parameter', 'type', 'default', 'meaning'], style: { head: [], border: [] } });
  for (const item of parameters) table.push([item.name, item.type, item.default, item.description]);
  process.stdout.write(`${table.toString()}\n`);
}
