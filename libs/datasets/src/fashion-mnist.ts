import { defineDataset, RampartError } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset } from './assemble';
import { classChoice, splitLimit } from './class-choice';
import { dataFolders } from './data-folder';
import { idxFolder, readIdxFolder } from './idx-folder';

const GARMENTS = ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle-boot'];

/** Photographs of garments in MNIST's format, from the user's data folder. */
export const fashionMnist = defineDataset({
  name: 'fashion-mnist',
  summary: 'Garments, 28x28 grey, from a data folder; by default sandal (malicious) against sneaker (benign)',
  source: 'Xiao, Rasul and Vollgraf, Fashion-MNIST, arXiv:1708.07747',
  version: 1,
  params: z.object({
    classes: classChoice(GARMENTS, ['sandal', 'sneaker']),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  async load(params, { dataDir, signal }) {
    const folder =
      dataDir === undefined ? undefined : idxFolder(await dataFolders(dataDir, /^(dataset-)?fashion-?mnist/i));
    if (!folder) {
      throw new RampartError({
        code: 'unavailable',
        message: `${dataDir === undefined ? 'fashion-mnist needs a data folder' : `"${dataDir}" has no IDX files`}. Pass --data-dir with the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz, from the project's page or Debian's package dataset-fashion-mnist.`,
      });
    }
    return assembleDataset({ ...(await readIdxFolder(folder, GARMENTS.length, signal)), names: GARMENTS }, params);
  },
});
