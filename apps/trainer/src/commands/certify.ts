import { Command, InvalidArgumentError, Option } from 'commander';

import type { CertifyArguments } from '../actions/certify';
import { dataDirOption, runArgument, storeOption, wholeNumber } from '../options';

export function certifyCommand(): Command {
  return new Command('certify')
    .description(
      'Certifies the smoothed models of a run: the part of the test set that each answers right, whatever is done to an image within an l2 distance. No attack can disprove it, but for the probability alpha. The store keeps it: reports and the dashboard show it beside robust accuracy.',
    )
    .addArgument(runArgument().argOptional().default('latest'))
    .addOption(
      new Option('--samples <n>', 'noisy copies that a certificate rests on')
        .argParser(wholeNumber(1, 10_000_000))
        .default(1000),
    )
    .addOption(
      new Option('--selection <n>', 'noisy copies that the class is chosen by')
        .argParser(wholeNumber(1, 10_000_000))
        .default(100),
    )
    .addOption(
      new Option('--alpha <p>', 'the probability with which a certificate may be wrong')
        .argParser(probability)
        .default(0.001),
    )
    .addOption(
      new Option('--limit <n>', 'instances of the test set, the first ones (default: all)').argParser(
        wholeNumber(1, 10_000_000),
      ),
    )
    .addOption(storeOption())
    .addOption(dataDirOption())
    .option('--json', 'print accuracies at every radius, and every certificate, as JSON')
    .action(async (id: string, options: CertifyArguments) =>
      (await import('../actions/certify.js')).certify(id, options),
    );
}

function probability(value: string): number {
  const number = Number(value);
  if (number > 0 && number < 1) return number;
  throw new InvalidArgumentError('Expected a number above 0 and below 1.');
}
