import {
  type AuditedAttack,
  type AuditSubject,
  argmax,
  defineAudit,
  type Doubt,
  margin,
  NORMS,
  type PixelBox,
} from '@rampart/core';
import { z } from 'zod';

import { ballOf, concerning, unbroken } from './evidence/attacks-at';
import { labelsAt } from './evidence/labels-at';
import { share } from './evidence/share';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/** What rounding may do to a feature, to a distance and to a margin. */
const ROUNDING = 1e-5;

/**
 * An attack asked about a point that evades, inside box and ball, and gave back another that does not: its own success
 * was lost on the way. Attacks of a family cannot: their best
 * point is kept for them.
 */
export const lostSuccess = defineAudit({
  name: 'lost-success',
  summary: 'An attack saw an evading point and did not return it.',
  source:
    'Pintor et al. 2022, "Indicators of attack failure", I3 (silent success); Tramer et al. 2020, "On adaptive attacks to adversarial example defenses"',
  version: 1,
  params: z.object({
    sample: z
      .int()
      .positive()
      .default(8)
      .describe('Robust instances that each such attack is run on again, at the most.'),
  }),
  remedies: ['restarts'],
  async inspect({ sample }, subject) {
    const free = subject.attacks.filter(({ attack }) => attack.definition.family === undefined);
    const doubts: Doubt[] = [];
    for (const of of free) {
      const left = unbroken(subject, [{ of, breaks: of.evades }]);
      const each = Math.max(1, (of.gradientEvaluations + of.forwardEvaluations) / Math.max(1, left.length));
      const positions = spread(left, Math.min(sample, Math.floor(share(subject, 'lost') / free.length / each)));
      let lost = 0;
      for (const position of positions) lost += Number(await loses(subject, of, position));
      if (lost === 0) continue;
      doubts.push({
        severity: 'high',
        summary: `${of.attack.label} asked about an evading point of ${partOf(lost, positions.length)} instances that it left robust, and returned another.`,
        evidence: { instances: positions.length, lost },
        ...concerning(ballOf(of.attack)),
        attack: of.attack.label,
      });
    }
    return doubts;
  },
});

/** Runs an attack on one instance again, so that all that it asks about is of that instance. */
async function loses(subject: AuditSubject, { attack }: AuditedAttack, position: number): Promise<boolean> {
  const positions = Int32Array.of(position);
  const original = subject.images(positions);
  const [label] = labelsAt(subject, positions) as unknown as [number];
  const target = subject.targets?.[position];
  const ball = ballOf(attack);
  let seen = false;
  const watch = (images: Float32Array, logits: Float32Array) => {
    const features = original.length;
    const classes = logits.length / (images.length / features);
    for (let row = 0; row < images.length / features && !seen; row++) {
      const image = images.subarray(row * features, (row + 1) * features);
      const values = logits.subarray(row * classes, (row + 1) * classes);
      const least = ROUNDING * Math.max(...values.map(Math.abs));
      const evades =
        target === undefined
          ? margin(values, 0, classes, label) < -least
          : argmax(values, 0, classes) === target && margin(values, 0, classes, target) > least;
      const near = !ball || NORMS[ball.norm].distance(image, original) <= ball.epsilon + ROUNDING;
      seen = evades && near && inside(image, subject.box);
    }
  };
  const again = await subject.attack(attack.spec, positions, {}, watch);
  return seen && again?.evades[0] === 0;
}

function inside(image: Float32Array, { min, max }: PixelBox): boolean {
  return image.every((value) => value >= min - ROUNDING && value <= max + ROUNDING);
}
