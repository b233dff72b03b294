import { componentParameter, defineDefense } from '@rampart/core';
import { z } from 'zod';

import { hardenWithAutoencoder, RECONSTRUCTION } from './autoencoder-defense';
import { retraining } from './retraining';

/**
 * Autoencoder and classifier (AEC; the publication's section 3; Gu and Rigazio 2015): an autoencoder that maps
 * adversarial and original images to the originals, by their mean squared error, in front of the undefended model,
 * which stays as it is.
 */
export const aec = defineDefense({
  name: 'aec',
  summary: 'An autoencoder that removes adversarial perturbations, in front of the unchanged model.',
  source:
    'Chen, Li, Vorobeychik, section 3; Gu, Rigazio 2015, "Towards deep neural network architectures robust to adversarial examples"',
  version: 2,
  keepsWeights: true,
  params: z.object({
    attack: componentParameter('attack'),
    epochs: retraining.epochs.default(12),
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate,
  }),
  harden: (params, problem) =>
    hardenWithAutoencoder(
      params,
      {
        trains: 'autoencoder',
        objective: { terms: [{ loss: 'mse', input: 'images', output: RECONSTRUCTION, target: 'originals' }] },
      },
      problem,
    ),
});
