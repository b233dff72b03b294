import { type AttackDefinition, Registry } from '@rampart/core';

import { adam } from './adam';
import { cg } from './cg';
import { fgs } from './fgs';

/** Every attack of this library, by name. */
export const attacks: Registry<AttackDefinition> = new Registry('attack', [adam, cg, fgs]);
