import { defineAudit, wilson } from '@rampart/core';
import { z } from 'zod';

import { percent } from './evidence/words';

/**
 * A model that gets no more right than always answering the commonest class would: it was right by chance, and so it
 * "resists" by chance.
 */
export const chance = defineAudit({
  name: 'chance',
  summary: 'Clean accuracy no better than always answering the commonest class.',
  source: 'Carlini et al. 2019, "On evaluating adversarial robustness", section 3.1; interval: Wilson (1927)',
  version: 1,
  params: z.object({}),
  modes: ['static', 'adaptive'],
  remedies: [],
  inspect(_params, { test: { labels }, clean, classes, commonestSet }) {
    const right = labels.filter((label, i) => clean[i] === label).length;
    const accuracy = wilson(right, labels.length);
    if (!accuracy) return [];
    const ofClass = (label: number) => labels.filter((other) => other === label).length / labels.length;
    const commonest = commonestSet ?? Math.max(...classes.map((_, label) => ofClass(label)));
    const guess = commonestSet === undefined ? 'class' : 'set of labels';
    if (accuracy.low > commonest) return [];
    return [
      {
        severity: accuracy.value > commonest ? 'medium' : 'high',
        summary: `The model gets ${percent(accuracy.value)} of ${labels.length} test images right (95% interval from ${percent(accuracy.low)}), and always answering the commonest ${guess} ${percent(commonest)}.`,
        evidence: { accuracy: accuracy.value, low: accuracy.low, commonest, images: labels.length },
      },
    ];
  },
});
