import { checkPlugin, type ComponentVerdict } from '@rampart/experiments';
import { Command, Option } from 'commander';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { dataDirOption, wholeNumber } from '../options';
import { untilInterrupted } from '../until-interrupted';

const MARKS = { kept: 'kept  ', broken: 'BROKEN', 'not judged': '-     ' } as const;

interface CheckOptions {
  readonly component?: readonly string[];
  readonly dataDir?: string;
  readonly timeLimit: number;
  readonly json?: boolean;
}

export function checkCommand(): Command {
  return new Command('check')
    .description('Runs the conformance kit on the components of a plugin and prints each law with its verdict.')
    .argument('<plugin>', 'a file, a folder with a package.json, or the name of an installed package')
    .option(
      '--component <component>',
      'one component, with parameters: "sign-step(epsilon=0.3)"; may be given again; every one with its defaults when left out',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .addOption(dataDirOption())
    .addOption(
      new Option('--time-limit <seconds>', 'how long one law may take').default(60).argParser(wholeNumber(1, 86_400)),
    )
    .option('--json', 'print the verdicts as JSON')
    .action(async (reference: string, options: CheckOptions) => {
      const interrupt = untilInterrupted();
      try {
        const verdict = await checkPlugin(reference, {
          folder: process.cwd(),
          timeLimit: options.timeLimit,
          signal: interrupt.signal,
          ...(options.component === undefined ? {} : { components: options.component }),
          ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
          ...(options.json ? {} : { onComponent: print }),
        });
        if (options.json) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
        const broken = verdict.components.flatMap(({ laws }) => laws).filter((law) => law.verdict !== 'kept').length;
        if (!options.json) {
          const judged = `${verdict.components.length} component${verdict.components.length === 1 ? '' : 's'}`;
          process.stdout.write(
            `${verdict.name} ${verdict.version}, ${judged}: ${broken === 0 ? 'every law is kept' : `${broken} laws are not kept`}\n`,
          );
        }
        if (broken > 0) throw new ExitCode(EXIT_FAILED);
      } finally {
        interrupt.dispose();
      }
    });
}

function print({ kind, label, laws }: ComponentVerdict): void {
  process.stdout.write(`${kind} ${label}\n`);
  for (const law of laws) {
    process.stdout.write(`  ${MARKS[law.verdict]}  ${law.name}${law.message ? `\n          ${law.message}` : ''}\n`);
  }
}
