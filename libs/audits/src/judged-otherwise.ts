import {
  answersOf,
  argmax,
  type AuditedAttack,
  type Classifier,
  decisionOf,
  defineAudit,
  type Doubt,
  REJECTED,
} from '@rampart/core';
import { z } from 'zod';

import { ballOf, concerning } from './evidence/attacks-at';
import { redrawn } from './evidence/redrawn';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/** Test images that tell whether the model draws random numbers. */
const REDRAWN = 16;

/**
 * Examples that fresh sessions, at other batch sizes, judge otherwise than the run did: the figure cannot be reproduced. A model that draws random numbers is `randomised` instead.
 */
export const judgedOtherwise = defineAudit({
  name: 'judged-otherwise',
  summary: 'Examples that a fresh session, or one of another batch size, judges otherwise than the run did.',
  source: 'Carlini et al. 2019, "On evaluating adversarial robustness", section 3.1',
  version: 2,
  params: z.object({
    sample: z.int().positive().default(64).describe('Examples that are judged again, of all attacks together.'),
    batch: z.int().min(2).default(7).describe('The other batch size, besides 1.'),
    rounding: z
      .number()
      .min(0)
      .default(1e-4)
      .describe('The part of the largest logit by which two classes must be apart for more than rounding.'),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  async inspect({ sample, batch, rounding }, subject) {
    const attacks = [...subject.attacks, ...subject.transferred];
    if (attacks.length === 0 || (await redrawn(subject, REDRAWN)).differing > 0) return [];
    const sessions = [await subject.verifier(1), await subject.verifier(batch)];
    const doubts: Doubt[] = [];
    for (const of of attacks) {
      const positions = spread(Int32Array.from(of.predictions.keys()), Math.ceil(sample / attacks.length));
      const examples = await of.examples(positions);
      const otherwise = new Set<number>();
      for (const session of sessions) {
        for (const position of await disagreeing(of, { positions, examples }, session, rounding))
          otherwise.add(position);
      }
      if (otherwise.size === 0) continue;
      doubts.push({
        severity: 'high',
        summary: `${partOf(otherwise.size, positions.length)} examples of ${of.attack.label} have another class in a fresh session than in the run.`,
        evidence: { examples: positions.length, otherwise: otherwise.size },
        ...concerning(ballOf(of.attack)),
        attack: of.attack.label,
      });
    }
    return doubts;
  },
});

/** Positions of the examples that a session takes for another class, by more than rounding. */
async function disagreeing(
  of: AuditedAttack,
  { positions, examples }: { readonly positions: Int32Array; readonly examples: Float32Array },
  model: Classifier,
  rounding: number,
): Promise<Int32Array> {
  const { classes } = model;
  const columns = model.scores ? classes + 1 : classes;
  const { logits, scores = logits } = await answersOf(model, examples);
  return positions.filter((position, row) => {
    const values = scores.subarray(row * columns, (row + 1) * columns);
    const decided = of.predictions[position]!;
    const own = values[decided === REJECTED ? classes : decided];
    // Nobody said how near a rejection is.
    if (own === undefined) return decisionOf(values, 0, model) !== decided;
    return values[argmax(values, 0, columns)]! - own > rounding * Math.max(...values.map(Math.abs));
  });
}
