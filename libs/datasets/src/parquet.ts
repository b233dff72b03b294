import { defineDataset, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { readParquet } from './parquet-table';
import { tableDataset, tableParams } from './table-dataset';
import { readUserFile } from './user-path';

/** Rows of anybody's, from Parquet files. */
export const parquet = defineDataset({
  name: 'parquet',
  summary:
    'Rows of a table of your own in a Parquet file: named features with their bounds, whole numbers and categories',
  source: 'Apache Parquet, https://parquet.apache.org',
  version: 1,
  params: z.object(tableParams),
  load(params, { dataDir, signal }) {
    return tableDataset(
      {
        dataset: 'parquet',
        ending: '.parquet',
        async read(path) {
          throwIfCancelled(signal);
          return readParquet(await readUserFile(path), path, signal);
        },
      },
      params,
      dataDir,
    );
  },
});
