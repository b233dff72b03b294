import { Command, Option } from 'commander';

import { dataDirOption, wholeNumber } from '../options';
import type { CheckOptions } from '../actions/check';

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
    .action(async (reference: string, options: CheckOptions) =>
      (await import('../actions/check.js')).check(reference, options),
    );
}
