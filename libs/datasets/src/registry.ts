// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type DatasetDefinition, Registry } from '@rampart/core';

import { cifar10 } from './cifar10';
import { fashionMnist } from './fashion-mnist';
import { mnist } from './mnist';
import { npyFolder } from './npy-folder';

export { cifar10, fashionMnist, mnist, npyFolder };

/** Every dataset of this library, by name. */
export const datasets: Registry<DatasetDefinition> = new Registry('dataset', [cifar10, fashionMnist, mnist, npyFolder]);
