// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import { type AuditDefinition, Registry } from '@rampart/core';

import { randomised } from './randomised';
import { saturatedLoss } from './saturated-loss';
import { zeroGradient } from './zero-gradient';

export { randomised, saturatedLoss, zeroGradient };

/** Every audit of this library, by name. */
export const audits: Registry<AuditDefinition> = new Registry('audit', [randomised, saturatedLoss, zeroGradient]);
