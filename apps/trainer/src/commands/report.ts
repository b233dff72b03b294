import { Command, Option } from 'commander';

import type { ReportArguments } from '../actions/report';
import { storeOption, wholeNumber } from '../options';

const FORMATS = Object.keys({
  text: true,
  markdown: true,
  csv: true,
  json: true,
  html: true,
  site: true,
} satisfies Record<ReportArguments['format'], true>);

export function reportCommand(): Command {
  return new Command('report')
    .description(
      "Reports a run: its tables, measured beside published, and the publication's claims judged on its figures.",
    )
    .argument('[run]', 'its identity, the beginning of it, or "latest"', 'latest')
    .addOption(storeOption())
    .addOption(
      new Option(
        '--format <name>',
        'html is one page with curves and images, site a folder of pages with more of them; both open from disk',
      )
        .choices(FORMATS)
        .default('text'),
    )
    .option('--out <path>', 'the file to write, instead of printing; for a site a folder that does not exist yet')
    .addOption(
      new Option(
        '--examples <n>',
        'for a site: attacked samples that have a page of their own, at most (default: 24)',
      ).argParser(wholeNumber(0, 1000)),
    )
    .action(async (id: string, options: ReportArguments) => (await import('../actions/report.js')).report(id, options));
}
