import { RampartError } from '@rampart/core';
import { openStore, reportTables } from '@rampart/results';
import { Command, Option } from 'commander';

import { storeOption } from '../options';
import { reportCsv } from '../report-csv';
import { reportMarkdown } from '../report-markdown';
import { reportText } from '../report-text';

export function reportCommand(): Command {
  return new Command('report')
    .description('Prints the tables of a run, measured beside published.')
    .argument('[run]', 'its identity, the beginning of it, or "latest"', 'latest')
    .addOption(storeOption())
    .addOption(new Option('--format <name>', 'how').choices(['text', 'markdown', 'csv', 'json']).default('text'))
    .action(async (id: string, options: { store: string; format: 'text' | 'markdown' | 'csv' | 'json' }) => {
      const store = await openStore(options.store, { readOnly: true });
      try {
        const run = await store.runs.find(id);
        if (!run) {
          const { runs } = await store.runs.list({ limit: 5 });
          const known = runs.map((item) => item.id).join(', ') || 'none';
          throw new RampartError({
            code: 'usage',
            message: `There is no run "${id}" in ${options.store}. The newest: ${known}.`,
          });
        }
        const tables = reportTables(run, await store.cells.ofRun(run.id));
        const formats = {
          text: () => reportText(run, tables),
          markdown: () => reportMarkdown(run, tables),
          csv: () => reportCsv(run, tables),
          json: () => `${JSON.stringify({ run, tables }, null, 2)}\n`,
        };
        process.stdout.write(formats[options.format]());
      } finally {
        await store.close();
      }
    });
}
