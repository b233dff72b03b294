import { Registry } from '@rampart/core';

import type { ArchitectureDefinition } from '../architecture';
import { autoencoder } from './autoencoder';
import { lenet5 } from './lenet5';
import { stacked } from './stacked';

/** Every architecture, by name. */
export const architectures = new Registry<ArchitectureDefinition>('model', [lenet5, autoencoder, stacked]);
