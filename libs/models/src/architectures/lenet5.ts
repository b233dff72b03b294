import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';

import { formatShape, type ImageShape, RampartError } from '@rampart/core';

import { type BuildContext, defineArchitecture, type Layers, seedOf } from '../architecture';

const size = z.number().int().min(1).max(4096);

const params = z.object({
  /** Subsampling: the mean of 2x2 values, as in the source, or their maximum. */
  pool: z.enum(['average', 'max']).default('average'),
  /** Filters of the first convolution; `auto` is 6 for grey images and 12 for coloured ones. */
  conv1: z.union([z.literal('auto'), size]).default('auto'),
  /** Filters of the second convolution; `auto` is 16 for grey images and 24 for coloured ones. */
  conv2: z.union([z.literal('auto'), size]).default('auto'),
  /** Units of the first hidden dense layer. */
  dense1: size.default(120),
  /** Units of the second hidden dense layer. */
  dense2: size.default(84),
});

const KERNEL = 5;

export const lenet5 = defineArchitecture({
  name: 'lenet5',
  summary: 'LeNet-5 with ReLU: two 5x5 convolutions, each with 2x2 subsampling, and two hidden dense layers.',
  source: 'LeCun et al., Gradient-based learning applied to document recognition, 1998, section II.B',
  version: 2,
  params,
  async build(settings, context) {
    const tf = await import('@tensorflow/tfjs-layers');
    const input = tf.input({ shape: [context.shape.height, context.shape.width, context.shape.channels] });
    return tf.model({ inputs: input, outputs: lenet5Logits(tf, input, settings, context), name: 'lenet5' });
  },
});

/**
 * Puts LeNet-5 behind a tensor of images and returns its logits.
 * @throws RampartError `usage` when the image is too small for two convolutions and poolings
 */
export function lenet5Logits(
  tf: Layers,
  images: SymbolicTensor,
  settings: z.output<typeof params>,
  { shape, classes, rng }: BuildContext,
): SymbolicTensor {
  checkSize(shape);
  const grey = shape.channels === 1;
  const filters = (value: number | 'auto', forGrey: number, forColour: number) =>
    value === 'auto' ? (grey ? forGrey : forColour) : value;
  const initializer = (name: string) => tf.initializers.heUniform({ seed: seedOf(rng, name) });
  const convolution = (name: string, count: number) =>
    tf.layers.conv2d({
      name,
      filters: count,
      kernelSize: KERNEL,
      activation: 'relu',
      kernelInitializer: initializer(name),
    });
  const pooling = (name: string) =>
    settings.pool === 'max'
      ? tf.layers.maxPooling2d({ name, poolSize: 2 })
      : tf.layers.averagePooling2d({ name, poolSize: 2 });
  const dense = (name: string, units: number) =>
    tf.layers.dense({ name, units, activation: 'relu', kernelInitializer: initializer(name) });

  const layers = [
    convolution('conv1', filters(settings.conv1, 6, 12)),
    pooling('pool1'),
    convolution('conv2', filters(settings.conv2, 16, 24)),
    pooling('pool2'),
    tf.layers.flatten({ name: 'flatten' }),
    dense('dense1', settings.dense1),
    dense('dense2', settings.dense2),
    tf.layers.dense({
      name: 'logits',
      units: classes,
      kernelInitializer: tf.initializers.glorotUniform({ seed: seedOf(rng, 'logits') }),
    }),
  ];
  return layers.reduce((value, layer) => layer.apply(value) as SymbolicTensor, images);
}

export { params as lenet5Params };

function checkSize(shape: ImageShape): void {
  const left = (length: number) => Math.floor((Math.floor((length - KERNEL + 1) / 2) - KERNEL + 1) / 2);
  if (left(shape.height) >= 1 && left(shape.width) >= 1) return;
  throw new RampartError({
    code: 'usage',
    message: `Architecture "lenet5" needs images of at least 16x16 pixels: two 5x5 convolutions and two poolings leave nothing of smaller ones. Received ${formatShape(shape)}.`,
  });
}
