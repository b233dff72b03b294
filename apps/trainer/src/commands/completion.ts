import { Argument, Command } from 'commander';

import { type Shell, SHELLS } from '../completion/shells';

export function completionCommand(): Command {
  return new Command('completion')
    .description('Prints a script that completes commands, options and names in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
In the shell's own start-up file:
  bash    source <(rampart completion bash)
  zsh     source <(rampart completion zsh), after compinit
  fish    rampart completion fish | source`,
    )
    .action(async (shell: Shell, options: unknown, command: Command) =>
      (await import('../actions/completion.js')).completion(shell, options, command),
    );
}
