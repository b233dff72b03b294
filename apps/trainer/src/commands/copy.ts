import { Command, Option } from 'commander';

import { artifactsOption } from '../options';
import type { CopyArguments } from '../actions/copy';

export function copyCommand(): Command {
  return new Command('copy')
    .description(
      'Takes a store over into another one, such as from a folder into PostgreSQL or back, and compares every checksum. Interrupted, it goes on where it was.',
    )
    .addOption(new Option('--from <store>', 'a folder, or postgres://...').makeOptionMandatory())
    .addOption(
      new Option('--to <store>', 'likewise; made where there is none, and what it has stays').makeOptionMandatory(),
    )
    .addOption(artifactsOption())
    .action(async (options: CopyArguments) => (await import('../actions/copy.js')).copy(options));
}
