import { type AuditedAttack, type AuditSubject, defineAudit, type Doubt, NORMS } from '@rampart/core';
import { z } from 'zod';

import { ballOf, concerning } from './evidence/attacks-at';
import { evading } from './evidence/evading';
import { partOf } from './evidence/words';

/**
 * Examples that count as evading and are outside the box or farther away than epsilon: successes that were none.
 */
export const outsideThreat = defineAudit({
  name: 'outside-threat',
  summary: 'Evading examples that are outside the pixel box or farther away than epsilon.',
  source: 'Carlini et al. 2019, "On evaluating adversarial robustness", section 2.2',
  version: 1,
  params: z.object({
    rounding: z
      .number()
      .min(0)
      .default(1e-6)
      .describe('How far beyond a bound is rounding, in the units of the box, and as a part of epsilon.'),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  async inspect({ rounding }, subject) {
    const doubts: Doubt[] = [];
    for (const of of [...subject.attacks, ...subject.transferred]) {
      const positions = evading(subject, of);
      const { outside, farthest, beyond } = await measured(subject, of, positions, rounding);
      if (outside === 0) continue;
      const ball = ballOf(of.attack);
      doubts.push({
        severity: 'high',
        summary: `${partOf(outside, positions.length)} evading examples of ${of.attack.label} are not within the threat: up to ${beyond.toPrecision(3)} outside the box${ball ? `, and up to ${farthest.toPrecision(6)} away in ${ball.norm} where ${ball.epsilon} is allowed` : ''}.`,
        evidence: { examples: positions.length, outside, farthest, beyond },
        ...concerning(ball),
        attack: of.attack.label,
      });
    }
    return doubts;
  },
});

/** Examples outside, the largest distance in the ball's norm, and the largest way out of the box. */
async function measured(subject: AuditSubject, of: AuditedAttack, positions: Int32Array, rounding: number) {
  const ball = ballOf(of.attack);
  const most = ball ? ball.epsilon * (1 + rounding) + rounding : Infinity;
  const result = { outside: 0, farthest: 0, beyond: 0 };
  const { box } = subject;
  const [originals, examples] = [subject.images(positions), await of.examples(positions)];
  const features = positions.length === 0 ? 0 : originals.length / positions.length;
  positions.forEach((_, row) => {
    const example = examples.subarray(row * features, (row + 1) * features);
    const beyond = example.reduce((so, value) => Math.max(so, box.min - value, value - box.max), 0);
    const original = originals.subarray(row * features, (row + 1) * features);
    const away = ball ? NORMS[ball.norm].distance(example, original) : 0;
    result.beyond = Math.max(result.beyond, beyond);
    result.farthest = Math.max(result.farthest, away);
    // Anything that is no number is outside too.
    if (!(beyond <= rounding && away <= most) || example.some(Number.isNaN)) result.outside++;
  });
  return result;
}
