import { listed, presetNames } from '@rampart/experiments';
import { Argument, Command } from 'commander';

import { bashScript } from '../completion/bash';
import { fishScript } from '../completion/fish';
import { type CommandWords, wordsOf } from '../completion/words';
import { zshScript } from '../completion/zsh';
import { LIST_KINDS } from './list';

type Shell = 'bash' | 'zsh' | 'fish';

const scripts: Readonly<Record<Shell, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function completionCommand(): Command {
  return new Command('completion')
    .description('Prints a script that completes commands, options and names in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
In the shell's own start-up file:
  bash    source <(rampart completion bash)
  zsh     source <(rampart completion zsh), after compinit
  fish    rampart completion fish | source`,
    )
    .action(async (shell: Shell, _options: unknown, command: Command) => {
      const words = wordsOf(command.parent!, {
        run: { experiment: await presetNames() },
        list: {
          kind: LIST_KINDS,
          name: Object.values(listed).flatMap((registry) => registry.names()),
        },
      });
      process.stdout.write(scripts[shell](words));
    });
}
