import type { Attack, DefenseProblem, LabelledImages } from '@rampart/core';
import { oneHot, type TrainingData } from '@rampart/training';

import { attackedInstances, attackModel } from './adversarial-examples';

/** What an autoencoder defense learns from: images to clean, what they should become, and whose they are. */
export interface ReconstructionData {
  /** The training images, then the adversarial versions of the malicious ones. */
  readonly inputs: readonly LabelledImages[];
  /** For each input the unmodified image. */
  readonly originals: readonly LabelledImages[];
  /** Adversarial versions that evade the undefended model, as a fraction. */
  readonly evading: number;
}

/** Attacks the undefended model on the malicious training instances and pairs every image with its original. */
export async function reconstructionData(
  attack: Attack,
  { model, train, malicious, feasible, attacks, rng, signal, crew, device, checkpoint }: DefenseProblem,
  onProgress: (done: number, total: number) => void,
): Promise<ReconstructionData> {
  const targets = attackedInstances(train, malicious);
  const evasion = await attackModel(model, attack, targets, rng.split('attack'), {
    ...{ attacks, feasible, signal, crew, device, checkpoint },
    onProgress: ({ done, total }) => onProgress(done, total),
  });
  return {
    inputs: [train, { images: evasion.adversarial, labels: targets.labels }],
    originals: [train, targets],
    evading: evasion.evaded.reduce((sum, value) => sum + value, 0) / targets.images.count,
  };
}

/** The views that autoencoder objectives name: `images`, `originals` and, one-hot, `labels`. */
export function reconstructionViews({ inputs, originals }: ReconstructionData, classes: number): TrainingData {
  const { channels, height, width } = originals[0]!.images.shape;
  const shape = [channels, height, width];
  const pixels = ({ images }: LabelledImages) => images.data;
  return {
    count: originals.reduce((sum, { images }) => sum + images.count, 0),
    views: {
      images: { parts: inputs.map(pixels), shape },
      originals: { parts: originals.map(pixels), shape },
      labels: { parts: inputs.map(({ labels }) => oneHot(labels, classes)), shape: [classes] },
    },
  };
}
