// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type DefenseDefinition, Registry } from '@rampart/core';

import { aec } from './aec';
import { distillation } from './distillation';
import { iaec } from './iaec';
import { rad } from './rad';

export { aec, distillation, iaec, rad };

/** Every defense of this library, by name. */
export const defenses: Registry<DefenseDefinition> = new Registry('defense', [aec, distillation, iaec, rad]);
