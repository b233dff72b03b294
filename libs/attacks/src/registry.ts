// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type AttackDefinition, Registry } from '@rampart/core';

import { adam } from './adam';
import { cg } from './cg';
import { fgs } from './fgs';
import { spsa } from './spsa';

export { adam, cg, fgs, spsa };

/** Every attack of this library, by name. */
export const attacks: Registry<AttackDefinition> = new Registry('attack', [adam, cg, fgs, spsa]);
