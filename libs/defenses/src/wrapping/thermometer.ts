import { defineDefense } from '@rampart/core';
import { float32Tensor, int64Vector, scalar } from '@rampart/onnx';
import { trainClassifier } from '@rampart/training';
import { z } from 'zod';

import { retraining } from '../retraining';
import { clipped, constant, type FrontContext, inFront } from './in-front';

/**
 * Thermometer encoding (Buckman et al. 2018): each value becomes as many bits as there are levels, of which those up to
 * its level are set, and the model learns from bits. So that it fits in front of any file, a linear layer puts the bits
 * of a pixel together to its channels again; it starts as the rounded pixel and is trained with the rest.
 */
export const thermometer = defineDefense({
  name: 'thermometer',
  summary: 'Encodes every value as the bits of a thermometer, and trains the model behind them.',
  source: 'Buckman et al. 2018, "Thermometer encoding: one hot way to resist adversarial examples"',
  version: 1,
  params: z.object({
    levels: z.int().min(2).max(256).default(16).describe('Levels of a value; it has one bit less.'),
    epochs: retraining.epochs,
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate,
    weightDecay: retraining.weightDecay,
  }),
  obfuscates: () => ['shattered'],
  async harden({ levels, ...training }, problem) {
    const { classes, rng, signal, onProgress, crew, device, checkpoint } = problem;
    const { model, losses } = await trainClassifier({
      ...training,
      // The other engine trains architectures that it knows.
      engine: 'onnx',
      model: await inFront(problem, (context) => encoded(context, levels), { shattered: true }),
      data: problem.train,
      classes,
      rng: rng.split('train'),
      ...{ signal, crew, device, onProgress, checkpoint },
    });
    const curves = losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y }));
    return { model, curves, facts: { bits: levels - 1 } };
  },
});

function encoded({ builder, shape: { channels, height, width }, unit }: FrontContext, levels: number): string {
  const bits = levels - 1;
  const ints = (...values: number[]) => builder.constant(int64Vector(values));
  const level = builder.node('Mul', [builder.node('Unsqueeze', [unit, ints(2)]), builder.constant(scalar(levels))]);
  const thresholds = constant(
    builder,
    [1, 1, bits, 1, 1],
    Array.from({ length: bits }, (_, k) => k + 0.5),
  );
  // Straight through the rounding, the bit next to a value's level has a slope (Athalye et al. 2018, section 5.2).
  const bit = builder.node('Round', [clipped(builder, builder.node('Sub', [level, thresholds]), 0, 1)]);
  const flat = builder.node('Reshape', [bit, ints(-1, channels * bits, height, width)]);
  const own = Float32Array.from({ length: channels * channels * bits }, (_, i) =>
    Math.floor(i / (channels * bits)) === Math.floor((i % (channels * bits)) / bits) ? 1 / bits : 0,
  );
  const kernel = builder.initializer('thermometer/kernel', float32Tensor([channels, channels * bits, 1, 1], own));
  const bias = builder.initializer('thermometer/bias', float32Tensor([channels], new Float32Array(channels)));
  return builder.node('Conv', [flat, kernel, bias]);
}
