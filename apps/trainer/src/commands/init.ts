import { Command } from 'commander';

export function initCommand(): Command {
  return new Command('init')
    .description(
      'Writes an experiment file with comments to start from, and the JSON schema by which editors check it.',
    )
    .argument('[file]', 'the file to write, which does not exist yet', 'experiment.yaml')
    .action(async (file: string) => (await import('../actions/init.js')).init(file));
}
