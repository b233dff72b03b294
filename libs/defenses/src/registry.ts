import { type DefenseDefinition, Registry } from '@rampart/core';

import { rad } from './rad';

/** Every defense of this library, by name. */
export const defenses: Registry<DefenseDefinition> = new Registry('defense', [rad]);
