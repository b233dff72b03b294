import { defineDefense } from '@rampart/core';
import { checkMoments, momentModel } from '@rampart/models';
import { trainClassifier } from '@rampart/training';
import { z } from 'zod';

import { retraining } from '../retraining';

/**
 * Feed-forward of mean and variance (Jin, Dundar and Culurciello 2015): the model takes an image for the mean of Gaussian
 * noise and passes the mean and the variance of every value on, through linear layers, rectifiers and pooling; it is
 * trained so, from its own weights, and answers by the mean of its logits. Nothing is random in it.
 */
export const jin = defineDefense({
  name: 'jin',
  summary: 'Passes the mean and the variance of noisy images through the network, and trains it so.',
  source: 'Jin, Dundar, Culurciello 2015, "Robust convolutional neural networks under adversarial noise"',
  version: 1,
  restorable: false,
  params: z.object({
    sigma: z
      .number()
      .positive()
      .default(0.25)
      .describe("Standard deviation of the noise that is reckoned with, in the units of the images' box.")
      .meta({ shown: true }),
    epochs: retraining.epochs,
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate,
    weightDecay: retraining.weightDecay,
  }),
  check: checkMoments,
  async harden({ sigma, ...training }, problem) {
    const { train: data, classes, rng, signal, onProgress, crew, device, checkpoint } = problem;
    const { model, losses } = await trainClassifier({
      ...training,
      // The other engine trains architectures that it knows.
      engine: 'onnx',
      model: await momentModel(problem.model, sigma),
      ...{ data, classes, rng: rng.split('train'), signal, crew, device, onProgress, checkpoint },
    });
    const curves = losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y }));
    return { model, curves, facts: { sigma } };
  },
});
