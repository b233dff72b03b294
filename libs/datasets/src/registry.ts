// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type DatasetDefinition, Registry } from '@rampart/core';

import { cifar10 } from './cifar10';
import { cifar100 } from './cifar100';
import { csv } from './csv';
import { fashionMnist } from './fashion-mnist';
import { imageFolder } from './image-folder';
import { mnist } from './mnist';
import { npyFolder } from './npy-folder';
import { npz } from './npz';
import { parquet } from './parquet';
import { wav } from './wav';

export { cifar10, cifar100, csv, fashionMnist, imageFolder, mnist, npyFolder, npz, parquet, wav };

/** Every dataset of this library, by name. */
export const datasets: Registry<DatasetDefinition> = new Registry('dataset', [
  cifar10,
  cifar100,
  csv,
  fashionMnist,
  imageFolder,
  mnist,
  npyFolder,
  npz,
  parquet,
  wav,
]);
