import { type ComponentDefinition, unknownName } from '@rampart/core';
import { describePresets, installation, listed, loadPlugin, PREPROCESS_PARTS, usePlugin } from '@rampart/experiments';
import { textTable } from '@rampart/reports';

import { describeComponent, parametersOf } from '../component-description';
import { LIST_KINDS } from '../commands/list';
import { terminal } from '../terminal';

export interface ListArguments {
  readonly plugin?: readonly string[];
  readonly json?: boolean;
}

/** `rampart list`. */
export async function list(kind: string | undefined, name: string | undefined, options: ListArguments): Promise<void> {
  for (const reference of options.plugin ?? []) usePlugin(reference, process.cwd());
  if (kind === undefined) return printKinds(options);
  const registry = listed[kind];
  const other = OTHERS[kind];
  if (!registry && !other) throw unknownName('kind', kind, LIST_KINDS);
  if (other) return printEntries(named(kind, name, await other(options)), options);
  const names = name === undefined ? registry!.names() : [name];
  const definitions = names.map((item) => registry!.get(item));
  if (options.json) {
    process.stdout.write(`${JSON.stringify(definitions.map(describeComponent), null, 2)}\n`);
  } else if (name === undefined) printEntries(definitions, options);
  else print(definitions[0]!);
}

/** Something that has a name and is told in a sentence. */
interface Entry {
  readonly name: string;
  readonly summary: string;
}

/** What is no component, and is named in experiments or options. */
const OTHERS: Readonly<Record<string, (options: ListArguments) => Promise<readonly Entry[]>>> = {
  presets: describePresets,
  engines: async () =>
    (await installation()).engines.map(({ name, runsOn }) => ({ name, summary: `trains on ${runsOn}` })),
  preprocess: () => Promise.resolve(PREPROCESS_PARTS),
  plugins: ({ plugin = [] }) =>
    Promise.resolve(
      plugin.map((reference) => {
        const { name, version, components } = loadPlugin(reference, process.cwd());
        const parts = components.map((one) => `${one.kind} ${one.name}`).join(', ');
        return { name, summary: `version ${version}: ${parts}` };
      }),
    ),
};

function named(kind: string, name: string | undefined, entries: readonly Entry[]): readonly Entry[] {
  if (name === undefined) return entries;
  const own = entries.filter((entry) => entry.name === name);
  if (own.length > 0) return own;
  throw unknownName(
    `one of ${kind}:`,
    name,
    entries.map((entry) => entry.name),
  );
}

async function printKinds(options: ListArguments): Promise<void> {
  const kinds = [
    ...Object.entries(listed).map(([kind, registry]) => ({ kind, names: registry.names() })),
    ...(await Promise.all(
      Object.entries(OTHERS).map(async ([kind, entries]) => ({
        kind,
        names: (await entries(options)).map(({ name }) => name),
      })),
    )),
  ];
  if (options.json) return void process.stdout.write(`${JSON.stringify(kinds, null, 2)}\n`);
  for (const { kind, names } of kinds) {
    process.stdout.write(`${kind.padEnd(10)} ${names.join(', ') || 'none; --plugin names one'}\n`);
  }
}

function printEntries(entries: readonly Entry[], { json }: ListArguments): void {
  const plain = entries.map(({ name, summary }) => ({ name, summary }));
  if (json) return void process.stdout.write(`${JSON.stringify(plain, null, 2)}\n`);
  for (const { name, summary } of plain) process.stdout.write(`${name.padEnd(22)} ${summary}\n`);
}

function print(definition: ComponentDefinition): void {
  process.stdout.write(`${definition.name}: ${definition.summary}\nSource: ${definition.source}\n`);
  const parameters = parametersOf(definition.params);
  if (parameters.length === 0) return void process.stdout.write('No parameters.\n');
  const rows = parameters.map((item) => [
    item.name,
    item.type,
    item.default === undefined ? 'required' : JSON.stringify(item.default),
    item.description,
  ]);
  process.stdout.write(`${textTable(['parameter', 'type', 'default', 'meaning'], rows, terminal())}\n`);
}
