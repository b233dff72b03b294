import { type AuditSubject, defineAudit, type Doubt, featureCount, predictions, wilson } from '@rampart/core';
import { z } from 'zod';

import { judged } from './evidence/compared';
import { spread } from './evidence/spread';
import { percent } from './evidence/words';

/** Ranges that models commonly expect pixels in. */
const RANGES = [
  [0, 1],
  [0, 255],
  [-1, 1],
  [-0.5, 0.5],
] as const;

/** Beyond this clean accuracy no other feed can be so much better. */
const GOOD = 0.9;

/**
 * A model that is fed other values than it was made for: its clean accuracy is far below what its file claims, or grows
 * when images are scaled to another range. How easily such a model errs says nothing about the model.
 */
export const preprocessing = defineAudit({
  name: 'preprocessing',
  summary: 'Clean accuracy far below what the file claims, or better when images are scaled otherwise.',
  source:
    'Carlini et al. 2019, "On evaluating adversarial robustness", section 3.1; interval: Wilson (1927); test: McNemar (1947)',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(256).describe('Test images that are fed otherwise, at the most.'),
    below: z.number().positive().lt(1).default(0.05).describe('How far below the claim the clean accuracy may be.'),
    better: z.number().positive().lt(1).default(0.1).describe('How much more of them another feed may get right.'),
    significance: z.number().positive().lt(1).default(0.01).describe("The level of McNemar's exact test of feeds."),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  async inspect({ sample, below, better, significance }, subject) {
    const { labels } = subject.test;
    const right = labels.filter((label, i) => subject.clean[i] === label).length;
    const accuracy = wilson(right, labels.length);
    if (!accuracy) return [];
    const doubts: Doubt[] = [];
    const { claimedAccuracy: claimed } = subject;
    if (claimed !== undefined && claimed - accuracy.value > below && accuracy.high < claimed) {
      doubts.push({
        severity: 'high',
        summary: `The model gets ${percent(accuracy.value)} of ${labels.length} test images right, and its file claims ${percent(claimed)}: it may be fed otherwise than it was made for.`,
        evidence: { accuracy: accuracy.value, claimed, images: labels.length },
      });
    }
    if (accuracy.value > GOOD) return doubts;
    const found = await bestFeed(subject, sample);
    if (!found || !(found.lead > better && found.p < significance)) return doubts;
    const { min, max } = subject.box;
    const [low, high] = found.range;
    doubts.push({
      severity: 'high',
      summary: `With pixels of [${min}, ${max}] fed as [${low}, ${high}] the model gets ${percent(found.lead)} more of ${found.instances} test images right (p = ${found.p.toPrecision(2)}): it was made for that range.`,
      evidence: { range: `[${low}, ${high}]`, images: found.instances, lead: found.lead, p: found.p },
    });
    return doubts;
  },
});

/** The other range with which the model gets most images right. */
async function bestFeed(subject: AuditSubject, sample: number) {
  const { test, box, shape, clean } = subject;
  const indices = spread(Int32Array.from(test.labels.keys()), sample);
  const features = featureCount(shape);
  const images = new Float32Array(indices.length * features);
  indices.forEach((index, row) =>
    images.set(test.images.data.subarray(index * features, (index + 1) * features), row * features),
  );
  let best;
  for (const range of RANGES) {
    const scale = (range[1] - range[0]) / (box.max - box.min);
    const shift = range[0] - scale * box.min;
    if (scale === 1 && shift === 0) continue;
    const model = await subject.open({ feed: { scale, shift } });
    if (!model) return undefined;
    const fed = predictions(await model.logits(images), model.classes, model.rejects);
    const gets = (index: number, row: number) => fed[row] === test.labels[index];
    const got = (index: number) => clean[index] === test.labels[index];
    const gained = indices.filter((index, row) => gets(index, row) && !got(index)).length;
    const lost = indices.filter((index, row) => !gets(index, row) && got(index)).length;
    const found = { ...judged(indices.length, gained, lost), range };
    if (!best || found.lead > best.lead) best = found;
  }
  return best;
}
