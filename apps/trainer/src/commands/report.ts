import type { ReportFormat } from '@rampart/reports';
import { Command, Option } from 'commander';

import { storeOption } from '../options';

const FORMATS = Object.keys({ text: true, markdown: true, csv: true, json: true, html: true } satisfies Record<
  ReportFormat,
  true
>);

export function reportCommand(): Command {
  return new Command('report')
    .description(
      "Reports a run: its tables, measured beside published, and the publication's claims judged on its figures.",
    )
    .argument('[run]', 'its identity, the beginning of it, or "latest"', 'latest')
    .addOption(storeOption())
    .addOption(
      new Option('--format <name>', 'html is one page with curves and images, which opens from disk')
        .choices(FORMATS)
        .default('text'),
    )
    .option('--out <file>', 'the file to write, instead of printing')
    .action(async (id: string, options: { store: string; format: ReportFormat; out?: string }) =>
      (await import('../actions/report.js')).report(id, options),
    );
}
