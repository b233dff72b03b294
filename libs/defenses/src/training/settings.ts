import { componentParameter } from '@rampart/core';
import { SCHEDULES } from '@rampart/training';
import { z } from 'zod';

/** How adversarial training goes, whatever its objective: parameters that all of them share. */
export const trainingSettings = {
  epochs: z.int().positive().default(10).describe('Passes over the training data.'),
  batchSize: z.int().positive().default(128).describe('Instances a step.'),
  optimiser: z.enum(['adam', 'sgd']).default('adam').describe('Adam, or gradient descent with momentum 0.9.'),
  learningRate: z
    .union([z.literal('auto'), z.number().positive()])
    .default(0.002)
    .describe("The optimiser's learning rate at its highest; auto finds it by a range test."),
  schedule: z
    .enum(SCHEDULES)
    .default('one-cycle')
    .describe('How the learning rate goes from the first step to the last.'),
  weightDecay: z.number().min(0).default(0).describe('Weight of half the squared norm of the weights in the loss.'),
  warmUp: z.number().min(0).default(0).describe('Epochs over which epsilon grows from 0.'),
  averaging: z
    .enum(['none', 'ema', 'swa'])
    .default('none')
    .describe('Weights of the result: the last, their exponential average, or the mean of the later epochs.'),
  decay: z.number().min(0).lt(1).default(0.999).describe('Of the exponential average: what stays of it at a step.'),
  validation: z
    .number()
    .min(0)
    .lt(1)
    .default(0.05)
    .describe('Part of the training data, 1000 instances at most, that is held out to judge every epoch on.'),
  keep: z
    .enum(['best', 'last'])
    .default('best')
    .describe('Which epoch is the result: the most robust on the held-out instances, or the last.'),
  patience: z
    .int()
    .min(0)
    .default(0)
    .describe('Epochs without a more robust one after which training stops. 0 trains them all.'),
  flips: z.boolean().default(false).describe('Whether images are mirrored at random, left to right.'),
  crops: z.int().min(0).default(0).describe('Pixels by which images are shifted at random, up to this many.'),
  classWeights: z
    .union([z.enum(['equal', 'balanced']), z.array(z.number().min(0))])
    .default('equal')
    .describe('Weights of the classes in the loss: equal, by their scarcity, or one number a class.'),
  perturbation: z
    .number()
    .min(0)
    .default(0)
    .describe('Adversarial weight perturbation: how far weights move, as a part of their norm (awp).'),
  batchNorm: z
    .enum(['train', 'keep'])
    .default('train')
    .describe('Whether running statistics of batch normalisation are trained, or stay as the file has them.'),
  freeze: z
    .array(z.string())
    .default([])
    .describe('Layers whose weights stay: names of weights, what those begin with, or nodes.'),
};

export type TrainingSettings = z.output<z.ZodObject<typeof trainingSettings>>;

const epsilon = z
  .number()
  .positive()
  .default(0.3)
  .describe('How far examples may go, in the units of the pixel box.')
  .meta({ shown: true });

/** The threat that a defense trains against. */
export const threatSettings = {
  norm: z.enum(['linf', 'l2']).default('linf').describe('The norm that epsilon is measured in.'),
  epsilon,
};

/** The inner attack of a defense that takes several steps, or another one in its place. */
export const innerSettings = {
  steps: z.int().positive().default(10).describe('Steps of the inner attack.'),
  start: z
    .enum(['previous', 'random'])
    .default('random')
    .describe(
      "Where it starts: at random, or at the image's example of the epoch before, from which fewer steps go as far.",
    ),
  step: z
    .number()
    .positive()
    .optional()
    .describe('Length of its steps. Default: 2.5 epsilon / steps, from the previous example epsilon / steps.'),
  attack: componentParameter('attack')
    .optional()
    .describe("An attack with a budget in place of the inner one. Default: projected descent at the defense's epsilon.")
    .meta({ component: 'attack' }),
};
