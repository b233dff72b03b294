import { listed, presetNames } from '@rampart/experiments';
import type { Command } from 'commander';

import { bashScript } from '../completion/bash';
import { fishScript } from '../completion/fish';
import type { Shell } from '../completion/shells';
import { type CommandWords, wordsOf } from '../completion/words';
import { zshScript } from '../completion/zsh';
import { LIST_KINDS } from '../commands/list';

/** `rampart completion`. */
export async function completion(shell: Shell, _options: unknown, command: Command): Promise<void> {
  const words = wordsOf(command.parent!, {
    run: { experiment: await presetNames() },
    list: {
      kind: LIST_KINDS,
      name: Object.values(listed).flatMap((registry) => registry.names()),
    },
  });
  process.stdout.write(scripts[shell](words));
}

const scripts: Readonly<Record<Shell, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
