import { type AuditSubject, defineAudit, type Doubt, type Threat } from '@rampart/core';
import { z } from 'zod';

import { attacksAt, ballOf, concerning, followsGradients, threatsOf, unbroken } from './evidence/attacks-at';
import { redrawn } from './evidence/redrawn';
import { share } from './evidence/share';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/** Instances below which a second run says nothing. */
const FEWEST = 4;

/** Test images that tell whether the model draws random numbers. */
const REDRAWN = 16;

/**
 * The strongest gradient attack that draws random numbers, run again with others, breaks instances that the run left
 * robust: what it finds depends on luck, and more runs would find more.
 */
export const restartsDisagree = defineAudit({
  name: 'restarts-disagree',
  summary: 'The same attack with other random numbers breaks instances that were left robust.',
  source:
    'Carlini et al. 2019, "On evaluating adversarial robustness", section 3.2; Tramer et al. 2020, "On adaptive attacks to adversarial example defenses"',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(64).describe('Robust instances that are attacked again, at the most.'),
    medium: z.number().positive().lt(1).default(0.05).describe('The part of them, at least two, that is a doubt.'),
    high: z.number().positive().lt(1).default(0.2).describe('The part of them that makes the figure doubtful.'),
  }),
  remedies: ['restarts', 'more-steps'],
  async inspect({ sample, medium, high }, subject) {
    if ((await redrawn(subject, REDRAWN)).differing > 0) return [];
    const doubts: Doubt[] = [];
    const threats = threatsOf(subject);
    for (const threat of threats) {
      const found = await again(subject, threat, sample, share(subject, 'restarts') / threats.length);
      if (!found || found.broken < Math.max(2, medium * found.instances)) continue;
      const { label, instances, broken } = found;
      doubts.push({
        severity: broken >= high * instances ? 'high' : 'medium',
        summary: `${label}, run again with other random numbers, breaks ${partOf(broken, instances)} instances that the run left robust.`,
        evidence: { instances, broken },
        ...concerning(threat),
        attack: label,
      });
    }
    return doubts;
  },
});

/** Runs the strongest of the random attacks again on what all attacks left, as far as the gradients last. */
async function again(subject: AuditSubject, threat: Threat | undefined, sample: number, gradients: number) {
  const attacks = attacksAt(subject.attacks, threat);
  const left = unbroken(subject, attacks);
  const [strongest] = attacks
    .filter(({ of }) => followsGradients(of) && isRandom(of.attack.definition.name, of.attack.params))
    .filter(({ of }) => ballOf(of.attack) !== undefined)
    .toSorted((a, b) => unbroken(subject, [a]).length - unbroken(subject, [b]).length);
  if (!strongest) return undefined;
  const { attack, gradientEvaluations } = strongest.of;
  // An instance that resists costs more than the mean.
  const resisting = Math.max(1, unbroken(subject, [strongest]).length);
  const positions = spread(left, Math.min(sample, gradients / (gradientEvaluations / resisting)));
  if (positions.length < FEWEST) return undefined;
  const second = await subject.attack(attack.spec, positions);
  if (!second) return undefined;
  return {
    label: attack.label,
    instances: positions.length,
    broken: second.evades.reduce((sum, evades) => sum + evades, 0),
  };
}

/** Whether an attack of a ball starts from a random point, by its parameters. */
function isRandom(name: string, params: object): boolean {
  if ('randomStart' in params) return params.randomStart === true;
  return name === 'apgd' || name === 'autoattack';
}
