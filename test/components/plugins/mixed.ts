import { componentParameter, defineDefense, defineMetric, definePlugin } from '@rampart/core';
import { defineArchitecture, seedOf } from '@rampart/models';
import { trainClassifier } from '@rampart/training';
import * as tf from '@tensorflow/tfjs-layers';
import { z } from 'zod';

import { half } from './half';

const stillRecognised = defineMetric({
  name: 'still-recognised',
  summary: 'Fraction of the attacked instances that keep their class.',
  source: 'None',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  compute(_params, { attacked, labels, predictions }) {
    if (attacked.length === 0) return undefined;
    const kept = [...attacked].filter((i) => predictions[i] === labels[i]).length;
    const value = kept / attacked.length;
    const reach = Math.sqrt(1 / attacked.length);
    return {
      value,
      low: Math.max(0, value - half * reach),
      high: Math.min(1, value + half * reach),
      count: attacked.length,
    };
  },
});

const oneLayer = defineArchitecture({
  name: 'one-layer',
  summary: 'A linear classifier.',
  source: 'None',
  version: 1,
  params: z.object({}),
  build(_params, { shape, classes, rng }) {
    const input = tf.input({ shape: [shape.height, shape.width, shape.channels] });
    const kernelInitializer = tf.initializers.glorotUniform({ seed: seedOf(rng, 'logits') });
    const flat = tf.layers.flatten({ name: 'flat' }).apply(input);
    const logits = tf.layers.dense({ name: 'logits', units: classes, kernelInitializer }).apply(flat);
    return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor, name: 'one-layer' });
  },
});

const trainOn = defineDefense({
  name: 'train-on',
  summary: 'Goes on training on the original images.',
  source: 'None',
  version: 1,
  params: z.object({ epochs: z.int().positive().default(1), attack: componentParameter('attack').optional() }),
  async harden({ epochs }, { model, train, classes, engine, rng, signal, onProgress }) {
    const settings = { epochs, batchSize: 32, learningRate: 0.001, weightDecay: 0 };
    const trained = await trainClassifier({
      ...settings,
      model,
      data: train,
      classes,
      engine,
      rng,
      signal,
      onProgress,
    });
    return { model: trained.model, curves: [], facts: { epochs } };
  },
});

export default definePlugin({
  name: 'mixed',
  version: '0.1.0',
  core: '>=0.1.0 <0.2.0',
  components: [stillRecognised, oneLayer, trainOn],
});
