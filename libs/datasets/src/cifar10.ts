import { defineDataset } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset } from './assemble';
import { CIFAR10_ARCHIVE } from './cifar-archive';
import { CIFAR10_RECORDS, CIFAR_SHAPE } from './cifar-binary';
import { type CifarSource, readCifar } from './cifar-source';
import { classChoice, splitLimit } from './class-choice';

const NAMES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const SOURCE: CifarSource = {
  name: 'CIFAR-10',
  archive: CIFAR10_ARCHIVE,
  records: CIFAR10_RECORDS,
  subfolders: /^cifar-?10(?!0)/i,
  layouts: [
    { train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`), test: ['test_batch.bin'] },
    {
      train: ['train.bin'],
      test: ['test.bin'],
      note: 'CIFAR-10 images from train.bin and test.bin of a data folder, which need not be the official training and test sets.',
    },
  ],
};

/** Photographs in CIFAR-10's binary format, from the user's data folder, else downloaded once. */
export const cifar10 = defineDataset({
  name: 'cifar10',
  summary: 'Photographs, 32x32 colour; by default airplane (malicious) against cat (benign)',
  source:
    'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; classes of the publication, section 4',
  version: 1,
  params: z.object({
    classes: classChoice(NAMES, ['airplane', 'cat']),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  load: async (params, options) =>
    assembleDataset({ ...(await readCifar(SOURCE, options)), shape: CIFAR_SHAPE, names: NAMES }, params),
});
