import type { LabelledImages, Rng, WorkOptions } from '@rampart/core';

import { classification, oneHot } from './objective';
import { adam } from './optimiser';
import { train, type Trained, type TrainOptions } from './train';

export interface TrainClassifierOptions extends WorkOptions {
  readonly engine: string;
  /** An ONNX file with the output `logits`: the initial weights. */
  readonly model: Uint8Array;
  readonly data: LabelledImages;
  readonly classes: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Adam's. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Changes the views `images` and `labels` of a batch before its step. */
  readonly onBatch?: TrainOptions['onBatch'];
  readonly rng: Rng;
}

/**
 * Trains a classifier with Adam, its learning rate falling linearly to 0, on the cross-entropy of its logits, the
 * labels taken as certain.
 */
export async function trainClassifier({ data, classes, ...options }: TrainClassifierOptions): Promise<Trained> {
  const { channels, height, width } = data.images.shape;
  return train({
    ...options,
    schedule: 'linear',
    objective: classification({ weightDecay: options.weightDecay }),
    optimiser: adam(options.learningRate),
    data: {
      count: data.images.count,
      views: {
        images: { data: data.images.data, shape: [channels, height, width] },
        labels: { data: oneHot(data.labels, classes), shape: [classes] },
      },
    },
  });
}
