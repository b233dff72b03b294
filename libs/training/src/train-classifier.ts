import type { LabelledImages, Rng, WorkOptions } from '@rampart/core';

import { classification, oneHot } from './objective';
import { adam } from './optimiser';
import { train, type Trained, type TrainOptions } from './train';

export interface TrainClassifierOptions extends WorkOptions {
  readonly engine: string;
  /** An ONNX file with the output `logits`: the initial weights. */
  readonly model: Uint8Array;
  /** Samples, one batch after the other where there are several. */
  readonly data: LabelledImages | readonly LabelledImages[];
  readonly classes: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Adam's. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Changes the views `images` and `labels` of a batch before its step. */
  readonly onBatch?: TrainOptions['onBatch'];
  readonly rng: Rng;
  /** Where gradients are computed; see `TrainOptions`. */
  readonly device?: TrainOptions['device'];
}

/**
 * Trains a classifier with Adam, its learning rate falling linearly to 0, on the cross-entropy of its logits, the
 * labels taken as certain.
 */
export async function trainClassifier({ data, classes, ...options }: TrainClassifierOptions): Promise<Trained> {
  const parts = 'images' in data ? [data] : data;
  const { channels, height, width } = parts[0]!.images.shape;
  return train({
    ...options,
    schedule: 'linear',
    objective: classification({ weightDecay: options.weightDecay }),
    optimiser: adam(options.learningRate),
    data: {
      count: parts.reduce((sum, { images }) => sum + images.count, 0),
      views: {
        images: { parts: parts.map(({ images }) => images.data), shape: [channels, height, width] },
        labels: { parts: parts.map(({ labels }) => oneHot(labels, classes)), shape: [classes] },
      },
    },
  });
}
