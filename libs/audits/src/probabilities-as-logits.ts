import { defineAudit } from '@rampart/core';
import { z } from 'zod';

import { spread } from './evidence/spread';

/**
 * What counts as logits is a softmax's output: losses take a softmax of it once more, and their gradients vanish with
 * the probabilities' own.
 */
export const probabilitiesAsLogits = defineAudit({
  name: 'probabilities-as-logits',
  summary: 'What counts as logits are probabilities: none below 0, with the same sum for every image.',
  source:
    'Carlini et al. 2019, "On evaluating adversarial robustness", section 4.7; Croce, Hein 2020, "Reliable evaluation of adversarial robustness ...", section 4',
  version: 1,
  params: z.object({
    sample: z.int().min(2).default(64).describe('Instances that are looked at, at the most.'),
    rounding: z.number().positive().default(1e-4).describe('The part of the sum up to which differences are rounding.'),
  }),
  remedies: ['inner-logits', 'another-loss', 'black-box'],
  async inspect({ sample, rounding }, subject) {
    const positions = spread(
      Int32Array.from(subject.attacked, (_, position) => position),
      sample,
    );
    if (positions.length < 2) return [];
    const model = await subject.verifier();
    const logits = await model.logits(subject.images(positions));
    const sums = Array.from(positions, (_, i) =>
      logits.subarray(i * model.classes, (i + 1) * model.classes).reduce((sum, value) => sum + value, 0),
    );
    const [sum] = sums as [number];
    const alike = sums.every((other) => Math.abs(other - sum) <= rounding * sum);
    if (!(sum > 0 && alike && logits.every((value) => value >= 0)) || constant(logits, model.classes)) return [];
    return [
      {
        severity: 'high',
        summary: `What counts as logits is never below 0 and sums to ${Number(sum.toPrecision(3))} for each of ${positions.length} images: these are probabilities, whose losses have vanishing gradients.`,
        evidence: { images: positions.length, sum },
      },
    ];
  },
});

/** A model that answers the same for every image. */
function constant(logits: Float32Array, classes: number): boolean {
  return logits.every((value, k) => value === logits[k % classes]);
}
