// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type AuditDefinition, Registry } from '@rampart/core';

import { batchDependent } from './batch-dependent';
import { blackBoxStronger } from './black-box-stronger';
import { chance } from './chance';
import { epsilonWithoutEffect } from './epsilon-without-effect';
import { finiteDifferences } from './finite-differences';
import { judgedOtherwise } from './judged-otherwise';
import { lostSuccess } from './lost-success';
import { noProgress } from './no-progress';
import { oneStepStronger } from './one-step-stronger';
import { outsideThreat } from './outside-threat';
import { preprocessing } from './preprocessing';
import { probabilitiesAsLogits } from './probabilities-as-logits';
import { randomised } from './randomised';
import { restartsDisagree } from './restarts-disagree';
import { rounding } from './rounding';
import { saturatedLoss } from './saturated-loss';
import { staticAlone } from './static-alone';
import { stepOperators } from './step-operators';
import { targetedEasier } from './targeted-easier';
import { tooFewInstances } from './too-few-instances';
import { trainingImages } from './training-images';
import { transferStronger } from './transfer-stronger';
import { unfinishedDescent } from './unfinished-descent';
import { zeroGradient } from './zero-gradient';

export {
  batchDependent,
  blackBoxStronger,
  chance,
  epsilonWithoutEffect,
  finiteDifferences,
  judgedOtherwise,
  lostSuccess,
  noProgress,
  oneStepStronger,
  outsideThreat,
  preprocessing,
  probabilitiesAsLogits,
  randomised,
  restartsDisagree,
  rounding,
  saturatedLoss,
  staticAlone,
  stepOperators,
  targetedEasier,
  tooFewInstances,
  trainingImages,
  transferStronger,
  unfinishedDescent,
  zeroGradient,
};

/** Every audit of this library, by name. */
export const audits: Registry<AuditDefinition> = new Registry('audit', [
  batchDependent,
  blackBoxStronger,
  chance,
  epsilonWithoutEffect,
  finiteDifferences,
  judgedOtherwise,
  lostSuccess,
  noProgress,
  oneStepStronger,
  outsideThreat,
  preprocessing,
  probabilitiesAsLogits,
  randomised,
  restartsDisagree,
  rounding,
  saturatedLoss,
  staticAlone,
  stepOperators,
  targetedEasier,
  tooFewInstances,
  trainingImages,
  transferStronger,
  unfinishedDescent,
  zeroGradient,
]);
