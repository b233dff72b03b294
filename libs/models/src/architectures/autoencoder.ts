import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { z } from 'zod';

import { featureCount } from '@rampart/core';

import { type BuildContext, defineArchitecture, type Layers, seedOf } from '../architecture';

const units = z.union([z.literal('auto'), z.number().int().min(1).max(16384)]);

const params = z.object({
  /** Units of the layers beside the code; `auto` keeps the publication's proportion, 256 of 784 inputs. */
  hidden: units.default('auto'),
  /** Units of the code; `auto` keeps the publication's proportion, 128 of 784 inputs. */
  code: units.default('auto'),
});

export const autoencoder = defineArchitecture({
  name: 'autoencoder',
  summary: 'Fully connected autoencoder, 784-256-128-256-784 for 28x28 images; its output stays in the pixel box.',
  source: 'Chen, Li, Vorobeychik, Evaluation of Defensive Methods for DNNs against Multiple Adversarial Evasion Models',
  version: 1,
  params,
  async build(settings, context) {
    const tf = await import('@tensorflow/tfjs-layers');
    const input = tf.input({ shape: [context.shape.height, context.shape.width, context.shape.channels] });
    return tf.model({ inputs: input, outputs: reconstruction(tf, input, settings, context), name: 'autoencoder' });
  },
});

/** Puts the autoencoder behind a tensor of images and returns images of the same shape, inside the pixel box. */
export function reconstruction(
  tf: Layers,
  images: SymbolicTensor,
  settings: z.output<typeof params>,
  { shape, box, rng }: BuildContext,
): SymbolicTensor {
  const features = featureCount(shape);
  const proportion = (value: number | 'auto', of784: number) =>
    value === 'auto' ? Math.max(1, Math.round((features * of784) / 784)) : value;
  const hidden = proportion(settings.hidden, 256);
  const code = proportion(settings.code, 128);
  const dense = (name: string, count: number) =>
    tf.layers.dense({
      name,
      units: count,
      activation: 'relu',
      kernelInitializer: tf.initializers.heUniform({ seed: seedOf(rng, name) }),
    });

  const layers = [
    tf.layers.flatten({ name: 'encoder-input' }),
    dense('encoder', hidden),
    dense('code', code),
    dense('decoder', hidden),
    tf.layers.dense({
      name: 'decoder-output',
      units: features,
      activation: 'sigmoid',
      kernelInitializer: tf.initializers.glorotUniform({ seed: seedOf(rng, 'decoder-output') }),
    }),
    tf.layers.rescaling({ name: 'decoder-box', scale: box.max - box.min, offset: box.min }),
    tf.layers.reshape({ name: 'reconstruction', targetShape: [shape.height, shape.width, shape.channels] }),
  ];
  return layers.reduce((value, layer) => layer.apply(value) as SymbolicTensor, images);
}

export { params as autoencoderParams };
