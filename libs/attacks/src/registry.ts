// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type AttackDefinition, Registry } from '@rampart/core';

import { adam } from './white-box/adam';
import { apgd } from './white-box/apgd';
import { autoattack } from './ensembles/autoattack';
import { bim } from './white-box/bim';
import { cg } from './white-box/cg';
import { ddn } from './white-box/ddn';
import { fab } from './white-box/fab';
import { fgs } from './white-box/fgs';
import { jsma } from './white-box/jsma';
import { mifgsm } from './white-box/mifgsm';
import { pgd } from './white-box/pgd';
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
  cg,
  ddn,
  fab,
  fgs,
  jsma,
  mifgsm,
  pgd,
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
  cg,
  ddn,
  fab,
  fgs,
  jsma,
  mifgsm,
  pgd,
  spatial,
  spsa,
  square,
  substitute,
  universal,
]);
