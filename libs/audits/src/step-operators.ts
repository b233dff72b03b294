import { type AuditSubject, defineAudit } from '@rampart/core';
import { z } from 'zod';

import { anyRobust } from './evidence/attacks-at';
import { gradientsAt } from './evidence/gradients-at';
import { median } from './evidence/median';

/**
 * Operators such as Round, whose gradient is zero by nature, on the way from the images to the logits. Where all ways
 * lead through one gradients are zero; where some do, what is left of the gradient is that of the other ways, and need
 * not point where the model's answer changes.
 */
export const stepOperators = defineAudit({
  name: 'step-operators',
  summary: 'Operators whose gradient is zero by nature, such as Round, between the images and the logits.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", sections 3 and 4.1; Carlini et al. 2019, "On evaluating adversarial robustness", section 3.2',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(16).describe('Attackable instances that are looked at, at the most.'),
    cosine: z
      .number()
      .min(-1)
      .max(1)
      .default(0.5)
      .describe(
        'Below this, the median over instances, the gradient does not point where a straight-through one does.',
      ),
  }),
  remedies: ['straight-through', 'inner-logits', 'inverted-front', 'black-box'],
  async inspect({ sample, cosine: least }, subject) {
    const { operators, everywhere } = subject.steps;
    if (operators.length === 0) return [];
    const names = operators.join(', ');
    if (everywhere) {
      return [
        {
          severity: anyRobust(subject) ? 'high' : 'low',
          summary: `Every way from the images to the logits leads through ${names}, whose gradient is zero by nature.`,
          evidence: { operators: names },
        },
      ];
    }
    if (subject.estimated) return [];
    const cosine = await cosineToStraightThrough(subject, sample);
    if (cosine === undefined || cosine >= least) return [];
    return [
      {
        severity: anyRobust(subject) ? 'medium' : 'low',
        summary: `The gradient leaves out the ways through ${names}: it and the one that passes straight through them have a cosine of ${cosine.toFixed(2)} (median).`,
        evidence: { operators: names, cosine },
      },
    ];
  },
});

/** The median cosine between the margin's gradient as it is and straight through all steps. */
async function cosineToStraightThrough(subject: AuditSubject, sample: number): Promise<number | undefined> {
  const found = await gradientsAt(subject, sample);
  const through = found && (await subject.open({ backward: 'straight-through' }));
  if (!through) return undefined;
  const { gradient } = await through.lossGradient(found.images, found.labels, 'margin');
  const features = gradient.length / found.positions.length;
  return median(
    Array.from(found.positions, (_, i) => {
      const [from, to] = [i * features, (i + 1) * features];
      return cosineOf(found.margin.subarray(from, to), gradient.subarray(from, to));
    }),
  );
}

/** 0 where one of the two has no direction. */
function cosineOf(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  return lengths === 0 ? 0 : dot(a, b) / lengths;
}
