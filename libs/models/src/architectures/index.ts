// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { Registry } from '@rampart/core';

import type { ArchitectureDefinition } from '../architecture';
import { autoencoder } from './autoencoder';
import { lenet5 } from './lenet5';
import { stacked } from './stacked';

/** Every architecture, by name. */
export const architectures: Registry<ArchitectureDefinition> = new Registry('model', [autoencoder, lenet5, stacked]);
