import { z } from 'zod';

/** How a defense trains a network: parameters that every defense has. */
export const retraining = {
  epochs: z.int().positive().default(3).describe('Passes over the training data.'),
  batchSize: z.int().positive().default(64).describe('Instances a step.'),
  learningRate: z.number().positive().default(0.001).describe("Adam's learning rate."),
  weightDecay: z.number().min(0).default(0.001).describe('Weight of half the squared norm of the weights in the loss.'),
};
