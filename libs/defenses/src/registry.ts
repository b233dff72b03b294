// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type DefenseDefinition, Registry } from '@rampart/core';

import { aec } from './aec';
import { distillation } from './distillation';
import { featureSqueezing } from './wrapping/feature-squeezing';
import { iaec } from './iaec';
import { inputRandomisation } from './wrapping/input-randomisation';
import { jpeg } from './wrapping/jpeg';
import { rad } from './rad';
import { randomisedSmoothing } from './wrapping/randomised-smoothing';
import { thermometer } from './wrapping/thermometer';

export { aec, distillation, featureSqueezing, iaec, inputRandomisation, jpeg, rad, randomisedSmoothing, thermometer };

/** Every defense of this library, by name. */
export const defenses: Registry<DefenseDefinition> = new Registry('defense', [
  aec,
  distillation,
  featureSqueezing,
  iaec,
  inputRandomisation,
  jpeg,
  rad,
  randomisedSmoothing,
  thermometer,
]);
