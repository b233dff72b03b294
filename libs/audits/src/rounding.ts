import {
  type AuditedAttack,
  type AuditSubject,
  defineAudit,
  type Doubt,
  isEvasion,
  type PixelBox,
  predictions,
} from '@rampart/core';
import { z } from 'zod';

import { ballOf, concerning } from './evidence/attacks-at';
import { evading } from './evidence/evading';
import { redrawn } from './evidence/redrawn';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/** Levels of an 8-bit image. */
const LEVELS = 255;

/** Test images that tell whether the model draws random numbers. */
const REDRAWN = 16;

/**
 * Evading examples that no longer evade once every feature is rounded to one of 256 levels of the box: no 8-bit image
 * holds them. A nearest example lies on the edge by
 * its nature, so for attacks that look for one that is only worth knowing.
 */
export const rounding = defineAudit({
  name: 'rounding',
  summary: 'Evading examples that no longer evade as 8-bit images.',
  source: 'Carlini, Wagner 2017, "Towards evaluating the robustness of neural networks", section 5',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(64).describe('Evading examples of each attack that are rounded, at the most.'),
    above: z.number().min(0).lt(1).default(0.3).describe('The part of them from which on the figure is weakened.'),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  async inspect({ sample, above }, subject) {
    // What is no image has no such levels.
    if (subject.shape.dims !== undefined) return [];
    if ((await redrawn(subject, REDRAWN)).differing > 0) return [];
    const doubts: Doubt[] = [];
    for (const of of [...subject.attacks, ...subject.transferred]) {
      const positions = spread(evading(subject, of), sample);
      if (positions.length === 0) continue;
      const lost = await lostByRounding(subject, of, positions);
      if (lost === 0) continue;
      const onEdge = of.attack.definition.family === 'minimum-norm';
      doubts.push({
        severity: lost > above * positions.length && !onEdge ? 'medium' : 'low',
        summary: `${partOf(lost, positions.length)} evading examples of ${of.attack.label} no longer evade once rounded to 256 levels.`,
        evidence: { examples: positions.length, lost },
        ...concerning(ballOf(of.attack)),
        attack: of.attack.label,
      });
    }
    return doubts;
  },
});

async function lostByRounding(subject: AuditSubject, of: AuditedAttack, positions: Int32Array): Promise<number> {
  const rounded = (await of.examples(positions)).map((value) => level(value, subject.box));
  const model = await subject.verifier();
  const classes = predictions(await model.logits(rounded), model.classes, model.rejects);
  return positions.filter((position, row) => {
    const target = subject.targets?.[position];
    const label = subject.test.labels[subject.attacked[position]!];
    return !isEvasion(classes[row]!, label!, target);
  }).length;
}

/** The nearest of the levels. */
function level(value: number, { min, max }: PixelBox): number {
  return min + (Math.round(((value - min) / (max - min)) * LEVELS) / LEVELS) * (max - min);
}
