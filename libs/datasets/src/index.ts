import { type DatasetDefinition, Registry } from '@rampart/core';

import { fashionMnist } from './fashion-mnist';
import { mnist } from './mnist';

export { type IdxArray, parseIdx, readIdx } from './idx';

/** Every dataset, by name. */
export const datasets = new Registry<DatasetDefinition>('dataset', [fashionMnist, mnist]);
