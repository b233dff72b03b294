import { defineDefense, RampartError, type Rng } from '@rampart/core';
import { isRejecting, noteGradient, repeated } from '@rampart/models';
import { readModel } from '@rampart/onnx';
import { trainClassifier } from '@rampart/training';
import { z } from 'zod';

import { retraining } from '../retraining';
import { asOneStep } from './in-front';

/**
 * Randomised smoothing (Cohen et al. 2019): the answer to an image is that of most of its noisy copies. The noise, the
 * copies and their vote are part of the graph; the model is first trained on images as noisy, with other noise at every step.
 */
export const randomisedSmoothing = defineDefense({
  name: 'randomised-smoothing',
  summary: 'Answers by the mean or the vote over noisy copies of each image, after training on noisy images.',
  source: 'Cohen, Rosenfeld, Kolter 2019, "Certified adversarial robustness via randomized smoothing"',
  version: 2,
  restorable: false,
  params: z.object({
    sigma: z
      .number()
      .positive()
      .default(0.25)
      .describe("Standard deviation of the noise, in the units of the images' box."),
    copies: z.int().min(1).max(1024).default(16).describe('Noisy copies of an image that an answer rests on.'),
    answer: z
      .enum(['mean', 'vote'])
      .default('mean')
      .describe('The mean of the logits, or the logarithm of the part of the copies that each class wins.'),
    epochs: z
      .int()
      .min(0)
      .default(3)
      .describe('Passes over the training data with noise; 0 leaves the weights as they are.'),
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate,
    weightDecay: retraining.weightDecay,
  }),
  obfuscates: ({ answer }) => (answer === 'vote' ? ['stochastic', 'shattered'] : ['stochastic']),
  check(model) {
    if (isRejecting(readModel(model))) throw rejectsSome();
  },
  async harden({ sigma, copies, answer, ...training }, problem) {
    const { model: undefended, signal, onProgress, classes, engine, rng, crew, device, checkpoint } = problem;
    if (isRejecting(readModel(undefended))) throw rejectsSome();
    const trained =
      training.epochs === 0
        ? { model: undefended, losses: [] }
        : await trainClassifier({
            ...training,
            ...{ engine, classes, signal, crew, device, onProgress, checkpoint, model: undefended },
            data: problem.train,
            onBatch: ({ views, step }) => addNoise(views['images']!.data, sigma, rng.split('noise').split(step)),
            rng: rng.split('train'),
          });
    const build = () => repeated(trained.model, { copies, sigma, answer });
    const smooth = training.epochs === 0 ? await asOneStep(problem, build) : build();
    return {
      model: answer === 'vote' ? noteGradient(smooth, 'straight-through') : smooth,
      curves: trained.losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y })),
      facts: { sigma, copies },
    };
  },
});

/** Copies of one image would be rejected and answered at once, which neither mean nor vote is defined for. */
function rejectsSome(): RampartError {
  return new RampartError({
    code: 'usage',
    message:
      'Expected a model that answers every image. Received one that rejects some, whose noisy copies have no common answer: smooth the model that it was made of, and guard what comes of it.',
  });
}

/** Noise is not clipped: the model is to know what it will see. */
function addNoise(images: Float32Array, sigma: number, rng: Rng): void {
  for (let k = 0; k < images.length; k++) images[k]! += sigma * rng.normal();
}
