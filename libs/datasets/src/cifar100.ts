import { defineDataset } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset } from './assemble';
import { CIFAR100_ARCHIVE } from './cifar-archive';
import { CIFAR100_RECORDS, CIFAR_SHAPE } from './cifar-binary';
import { type CifarSource, readCifar } from './cifar-source';
import { classChoice, splitLimit } from './class-choice';

const NAMES =
  `apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
  caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
  forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
  mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
  possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
  sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
  willow_tree wolf woman worm`.split(/\s+/);

const SOURCE: CifarSource = {
  name: 'CIFAR-100',
  archive: CIFAR100_ARCHIVE,
  records: CIFAR100_RECORDS,
  subfolders: /^cifar-?100/i,
  layouts: [{ train: ['train.bin'], test: ['test.bin'] }],
};

/** Photographs of a hundred classes in CIFAR-100's binary format, from the user's data folder, else downloaded once. */
export const cifar100 = defineDataset({
  name: 'cifar100',
  summary: 'Photographs of a hundred classes, 32x32 colour, by their fine labels',
  source: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009',
  version: 1,
  params: z.object({
    classes: classChoice(NAMES, 'all'),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  load: async (params, options) =>
    assembleDataset({ ...(await readCifar(SOURCE, options)), shape: CIFAR_SHAPE, names: NAMES }, params),
});
