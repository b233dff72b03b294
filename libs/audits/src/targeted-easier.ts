import { type AuditSubject, type ComponentSpec, defineAudit, type Doubt, type Threat } from '@rampart/core';
import { z } from 'zod';

import { attacksAt, concerning, followsGradients, threatsOf, unbroken } from './evidence/attacks-at';
import { redrawn } from './evidence/redrawn';
import { share } from './evidence/share';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/** Instances below which the comparison says nothing. */
const FEWEST = 4;

/** Test images that tell whether the model draws random numbers. */
const REDRAWN = 16;

/**
 * Descents towards chosen classes break instances that descents away from the true one leave, at the same cost. Leaving
 * a class asks for less than reaching a certain one, so the untargeted losses mislead.
 */
export const targetedEasier = defineAudit({
  name: 'targeted-easier',
  summary: 'Attacks towards a chosen class succeed where untargeted ones fail.',
  source:
    'Carlini et al. 2019, "On evaluating adversarial robustness", section 3.3; Croce, Hein 2020, "Reliable evaluation of adversarial robustness ...", section 4',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(16).describe('Robust instances that are attacked, at the most.'),
    steps: z.int().positive().default(20).describe('Gradient steps towards a class.'),
    targets: z.int().positive().default(3).describe('The likeliest other classes that are tried, at the most.'),
    medium: z.number().positive().lt(1).default(0.1).describe('The part of them, at least two, that is a doubt.'),
    high: z.number().positive().lt(1).default(0.3).describe('The part of them that makes the figure doubtful.'),
  }),
  remedies: ['targeted'],
  async inspect({ sample, steps, targets, medium, high }, subject) {
    // Of a run towards targets every attack is targeted; with two classes there is but one other.
    if (subject.targets || subject.classes.length < 3 || (await redrawn(subject, REDRAWN)).differing > 0) return [];
    const doubts: Doubt[] = [];
    const threats = threatsOf(subject);
    for (const threat of threats) {
      const gradients = share(subject, 'targeted') / threats.length;
      const found = threat && (await easier(subject, threat, { sample, steps, targets, gradients }));
      if (!found || found.broken < Math.max(2, medium * found.instances)) continue;
      const { instances, broken } = found;
      doubts.push({
        severity: broken >= high * instances ? 'high' : 'medium',
        summary: `Descents towards the likeliest other classes break ${partOf(broken, instances)} instances that untargeted ones of the same cost leave robust.`,
        evidence: { instances, broken },
        ...concerning(threat),
      });
    }
    return doubts;
  },
});

interface Effort {
  readonly sample: number;
  readonly steps: number;
  readonly targets: number;
  readonly gradients: number;
}

async function easier(subject: AuditSubject, threat: Threat, { sample, steps, targets: most, gradients }: Effort) {
  const { norm, epsilon } = threat;
  const classes = subject.classes.length;
  const attacks = attacksAt(subject.attacks, threat);
  if (
    norm === 'l0' ||
    attacks.some(({ of }) => isTargeted(of.attack.spec)) ||
    !attacks.some(({ of }) => followsGradients(of))
  ) {
    return undefined;
  }
  const targets = Math.min(most, classes - 1);
  const cost = 2 * targets * steps;
  const positions = spread(unbroken(subject, attacks), Math.min(sample, gradients / cost));
  if (positions.length < FEWEST) return undefined;
  const descent = (loss: string, more: ComponentSpec['params']) =>
    subject.attack({ name: 'apgd', params: { norm, epsilon, loss, ...more } }, positions);
  const towards = await descent(classes < 4 ? 'targeted-difference' : 'targeted-dlr', { steps, targets });
  if (!towards || !towards.evades.includes(1)) return undefined;
  const away = await descent('difference', { steps, restarts: targets });
  const broken = towards.evades.filter((evades, i) => evades === 1 && away?.evades[i] === 0).length;
  return { instances: positions.length, broken };
}

function isTargeted({ name, params }: ComponentSpec): boolean {
  return name === 'autoattack' || String(params['loss']).startsWith('targeted');
}
