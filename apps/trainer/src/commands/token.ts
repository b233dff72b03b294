import type { Role } from '@rampart/results';
import { Command, Option } from 'commander';

import { storeOption, wholeNumber } from '../options';
import type { StoreArguments } from '../actions/token';

const ROLES = Object.keys({ read: true, write: true } satisfies Record<Role, true>);

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
      .action(async (name: string, options: StoreArguments & { role: Role }) =>
        (await import('../actions/token.js')).add(name, options),
      ),
  );
  command.addCommand(
    new Command('remove')
      .description('Takes a token away; whoever has it is refused from the next request on.')
      .argument('<name>', 'whose it is')
      .addOption(storeOption())
      .action(async (name: string, options: StoreArguments) =>
        (await import('../actions/token.js')).remove(name, options),
      ),
  );
  command.addCommand(
    new Command('list')
      .description('Names the tokens that there are.')
      .addOption(storeOption())
      .action(async (options: StoreArguments) => (await import('../actions/token.js')).list(options)),
  );
  command.addCommand(
    new Command('log')
      .description('Tells who has changed what, on the dashboard and by commands, the latest first.')
      .addOption(storeOption())
      .addOption(new Option('--limit <n>', 'how many').default(50).argParser(wholeNumber(1, 1_000_000)))
      .action(async (options: StoreArguments & { limit: number }) =>
        (await import('../actions/token.js')).log(options),
      ),
  );
  for (const one of command.commands) one.copyInheritedSettings(command);
  return command;
}
