import { textTable } from '@rampart/reports';
import { openStore, type Role, ROLES, type Store } from '@rampart/results';
import { Command, Option } from 'commander';

import { noteWrite } from '../note-write';
import { storeOption, wholeNumber } from '../options';
import { terminal } from '../terminal';

interface StoreArguments {
  readonly store: string;
}

export function tokenCommand(): Command {
  const command = new Command('token').description(
    'Says who may come to the dashboard over the network, and who has changed what.',
  );
  command.addCommand(
    new Command('add')
      .description('Makes a token and prints it, once: the store keeps its hash alone.')
      .argument('<name>', 'whose it is: the author of what is changed with it')
      .addOption(
        new Option('--role <role>', 'read: look at everything; write: change things too')
          .choices(ROLES)
          .default('read'),
      )
      .addOption(storeOption())
      .action((name: string, { role, store }: StoreArguments & { role: Role }) =>
        onStore(store, async (opened) => {
          const token = await opened.tokens.add(name, role);
          await noteWrite(opened, 'token.add', { name, role });
          process.stdout.write(`${token}\n`);
        }),
      ),
  );
  command.addCommand(
    new Command('remove')
      .description('Takes a token away; whoever has it is refused from the next request on.')
      .argument('<name>', 'whose it is')
      .addOption(storeOption())
      .action((name: string, { store }: StoreArguments) =>
        onStore(store, async (opened) => {
          await opened.tokens.remove(name);
          await noteWrite(opened, 'token.remove', { name });
        }),
      ),
  );
  command.addCommand(
    new Command('list')
      .description('Names the tokens that there are.')
      .addOption(storeOption())
      .action(({ store }: StoreArguments) =>
        onStore(store, async ({ tokens }) => {
          const rows = (await tokens.list()).map(({ name, role, createdAt }) => [name, role, time(createdAt)]);
          print(['name', 'role', 'since'], rows);
        }),
      ),
  );
  command.addCommand(
    new Command('log')
      .description('Tells who has changed what, on the dashboard and by commands, the latest first.')
      .addOption(storeOption())
      .addOption(new Option('--limit <n>', 'how many').default(50).argParser(wholeNumber(1, 1_000_000)))
      .action(({ store, limit }: StoreArguments & { limit: number }) =>
        onStore(store, async ({ writes }) => {
          const rows = (await writes.latest(limit)).map((one) => [time(one.at), one.author, one.action, one.subject]);
          print(['at', 'author', 'what', 'with'], rows);
        }),
      ),
  );
  for (const one of command.commands) one.copyInheritedSettings(command);
  return command;
}

async function onStore(location: string, work: (store: Store) => Promise<unknown>): Promise<void> {
  const store = await openStore(location);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${textTable(head, rows, terminal())}\n`);
}

function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
