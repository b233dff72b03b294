import { componentParameter, defineDefense } from '@rampart/core';
import type { Objective } from '@rampart/training';
import { z } from 'zod';

import { hardenWithAutoencoder, RECONSTRUCTION } from './autoencoder-defense';
import { retraining } from './retraining';

/**
 * Improved autoencoder and classifier (IAEC; the publication's section 3): the reconstruction error of AEC plus the
 * cross-entropy of the stacked classifier, minimised over the weights of both parts, which start from a fresh
 * autoencoder and the undefended model.
 */
export const iaec = defineDefense({
  name: 'iaec',
  summary: "AEC with the stacked classifier's cross-entropy in the loss, both parts trained together.",
  source: 'Chen, Li, Vorobeychik, section 3',
  version: 3,
  params: z.object({
    attack: componentParameter('attack'),
    classifierWeight: z
      .number()
      .positive()
      .default(0.1)
      .describe('Weight of the cross-entropy beside the squared error.'),
    epochs: retraining.epochs.default(12),
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate,
  }),
  harden: (params, problem) =>
    hardenWithAutoencoder(params, { trains: 'stack', objective: iaecObjective(params.classifierWeight) }, problem),
});

/** Mean squared error of the reconstruction, plus the weighted cross-entropy of the classifier behind it. */
export function iaecObjective(classifierWeight: number): Objective {
  return {
    terms: [
      { loss: 'mse', input: 'images', output: RECONSTRUCTION, target: 'originals' },
      { loss: 'cross-entropy', input: 'images', output: 'logits', target: 'labels', weight: classifierWeight },
    ],
  };
}
