import { defineDataset, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { readCsv } from './csv-table';
import { tableDataset, tableParams } from './table-dataset';
import { readUserFile } from './user-path';

/** Rows of anybody's, from CSV files. */
export const csv = defineDataset({
  name: 'csv',
  summary: 'Rows of a table of your own in a CSV file: named features with their bounds, whole numbers and categories',
  source: 'RFC 4180, Common Format and MIME Type for Comma-Separated Values',
  version: 1,
  params: z.object(tableParams),
  load(params, { dataDir, signal }) {
    return tableDataset(
      {
        dataset: 'csv',
        ending: '.csv',
        async read(path) {
          throwIfCancelled(signal);
          return readCsv(await readUserFile(path), path);
        },
      },
      params,
      dataDir,
    );
  },
});
