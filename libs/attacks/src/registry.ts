// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type AttackDefinition, Registry } from '@rampart/core';

import { adam } from './white-box/adam';
import { apgd } from './white-box/apgd';
import { autoattack } from './ensembles/autoattack';
import { bim } from './white-box/bim';
import { boundary } from './black-box/boundary';
import { brendelBethge } from './white-box/brendel-bethge';
import { cg } from './white-box/cg';
import { cw } from './white-box/cw';
import { ddn } from './white-box/ddn';
import { deepfool } from './white-box/deepfool';
import { ead } from './white-box/ead';
import { fab } from './white-box/fab';
import { featureAdversary } from './white-box/feature-adversary';
import { fgs } from './white-box/fgs';
import { fmn } from './white-box/fmn';
import { foolingImage } from './white-box/fooling-image';
import { hopskipjump } from './black-box/hopskipjump';
import { jsma } from './white-box/jsma';
import { lbfgs } from './white-box/lbfgs';
import { mifgsm } from './white-box/mifgsm';
import { nes } from './black-box/nes';
import { pdgd } from './white-box/pdgd';
import { pdpgd } from './white-box/pdpgd';
import { pgd } from './white-box/pgd';
import { sigmaZero } from './white-box/sigma-zero';
import { sparseRs } from './black-box/sparse-rs';
import { spatial } from './white-box/spatial';
import { spsa } from './black-box/spsa';
import { square } from './black-box/square';
import { substitute } from './black-box/substitute';
import { universal } from './white-box/universal';

export {
  adam,
  apgd,
  autoattack,
  bim,
  boundary,
  brendelBethge,
  cg,
  cw,
  ddn,
  deepfool,
  ead,
  fab,
  featureAdversary,
  fgs,
  fmn,
  foolingImage,
  hopskipjump,
  jsma,
  lbfgs,
  mifgsm,
  nes,
  pdgd,
  pdpgd,
  pgd,
  sigmaZero,
  sparseRs,
  spatial,
  spsa,
  square,
  substitute,
  universal,
};

/** Every attack of this library, by name. */
export const attacks: Registry<AttackDefinition> = new Registry('attack', [
  adam,
  apgd,
  autoattack,
  bim,
  boundary,
  brendelBethge,
  cg,
  cw,
  ddn,
  deepfool,
  ead,
  fab,
  featureAdversary,
  fgs,
  fmn,
  foolingImage,
  hopskipjump,
  jsma,
  lbfgs,
  mifgsm,
  nes,
  pdgd,
  pdpgd,
  pgd,
  sigmaZero,
  sparseRs,
  spatial,
  spsa,
  square,
  substitute,
  universal,
]);
