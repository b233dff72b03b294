// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type DefenseDefinition, Registry } from '@rampart/core';

import { aec } from './aec';
import { awp } from './training/awp';
import { deepContractive } from './training/deep-contractive';
import { distillation } from './distillation';
import { fast } from './training/fast';
import { featureSqueezing } from './wrapping/feature-squeezing';
import { free } from './training/free';
import { goodfellow } from './training/goodfellow';
import { huang } from './training/huang';
import { iaec } from './iaec';
import { inputGradientRegularisation } from './training/input-gradient-regularisation';
import { inputRandomisation } from './wrapping/input-randomisation';
import { jacobianRegularisation } from './training/jacobian-regularisation';
import { jin } from './wrapping/jin';
import { jpeg } from './wrapping/jpeg';
import { kurakin } from './training/kurakin';
import { magnet } from './wrapping/magnet';
import { mart } from './training/mart';
import { pgdAt } from './training/pgd-at';
import { rad } from './rad';
import { radMix } from './rad-mix';
import { randomisedSmoothing } from './wrapping/randomised-smoothing';
import { stabilityTraining } from './training/stability-training';
import { thermometer } from './wrapping/thermometer';
import { trades } from './training/trades';
import { tradesL2 } from './training/trades-l2';
import { vat } from './training/vat';

export {
  aec,
  awp,
  deepContractive,
  distillation,
  fast,
  featureSqueezing,
  free,
  goodfellow,
  huang,
  iaec,
  inputGradientRegularisation,
  inputRandomisation,
  jacobianRegularisation,
  jin,
  jpeg,
  kurakin,
  magnet,
  mart,
  pgdAt,
  rad,
  radMix,
  randomisedSmoothing,
  stabilityTraining,
  thermometer,
  trades,
  tradesL2,
  vat,
};

/** Every defense of this library, by name. */
export const defenses: Registry<DefenseDefinition> = new Registry('defense', [
  aec,
  awp,
  deepContractive,
  distillation,
  fast,
  featureSqueezing,
  free,
  goodfellow,
  huang,
  iaec,
  inputGradientRegularisation,
  inputRandomisation,
  jacobianRegularisation,
  jin,
  jpeg,
  kurakin,
  magnet,
  mart,
  pgdAt,
  rad,
  radMix,
  randomisedSmoothing,
  stabilityTraining,
  thermometer,
  trades,
  tradesL2,
  vat,
]);
