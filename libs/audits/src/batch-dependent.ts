import { defineAudit } from '@rampart/core';
import { z } from 'zod';

import { redrawn } from './evidence/redrawn';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/**
 * A model whose answer for an image depends on what else is in its batch, such as one that was exported in training
 * mode: an attack sees another model than the one that judges.
 */
export const batchDependent = defineAudit({
  name: 'batch-dependent',
  summary: 'An image has other logits alone than in a batch with others.',
  source: 'Ioffe, Szegedy 2015, "Batch normalization ...", section 3.1',
  version: 1,
  params: z.object({
    sample: z.int().min(2).default(16).describe('Instances that are looked at, at the most.'),
    rounding: z
      .number()
      .positive()
      .default(1e-3)
      .describe('The part of the largest logit up to which differences are rounding.'),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  async inspect({ sample, rounding }, subject) {
    const positions = spread(
      Int32Array.from(subject.attacked, (_, position) => position),
      sample,
    );
    if (positions.length < 2 || (await redrawn(subject, sample)).differing > 0) return [];
    const images = subject.images(positions);
    const features = images.length / positions.length;
    const together = await (await subject.verifier()).logits(images);
    const model = await subject.verifier(1);
    const largest = together.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
    let [differing, apart] = [0, 0];
    for (let i = 0; i < positions.length; i++) {
      const alone = await model.logits(images.subarray(i * features, (i + 1) * features));
      const most = alone.reduce((so, logit, j) => Math.max(so, Math.abs(logit - together[i * model.classes + j]!)), 0);
      if (most > rounding * largest) differing++;
      apart = Math.max(apart, most);
    }
    if (differing === 0) return [];
    return [
      {
        severity: 'high',
        summary: `${partOf(differing, positions.length)} images have other logits alone than in a batch, by up to ${apart.toPrecision(3)}: export the model in evaluation mode.`,
        evidence: { images: positions.length, differing, largest: apart },
      },
    ];
  },
});
