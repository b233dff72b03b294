import {
  type Attack,
  type DefenseProblem,
  type ImageBatch,
  type LabelledImages,
  predictions,
  takeLabelled,
} from '@rampart/core';
import { openVerifier } from '@rampart/models';

import { attackedInstances, attackModel } from '../adversarial-examples';

/** Held-out instances at most: a figure of one percent's width costs seconds. */
const MOST = 1000;

/** Splits instances off the training data, of those that have a label. */
export function heldOut(
  { train, rng }: Pick<DefenseProblem, 'train' | 'rng'>,
  part: number,
): { readonly train: LabelledImages; readonly validation: LabelledImages | undefined } {
  const { count } = train.images;
  const size = Math.min(MOST, Math.floor(part * count));
  const order = [...rng.split('validation').permutation(count)].filter((index) => train.labels[index]! >= 0);
  if (size === 0 || size >= order.length) return { train, validation: undefined };
  const held = new Set(order.slice(0, size));
  const rest = Array.from({ length: count }, (_, index) => index).filter((index) => !held.has(index));
  return {
    train: takeLabelled(train, rest),
    validation: takeLabelled(
      train,
      [...held].toSorted((a, b) => a - b),
    ),
  };
}

/** How a model does on held-out instances. */
export interface Standing {
  /** The part that it gets right. */
  readonly clean: number;
  /** The part that it gets right under the attack: instances of a class that is not attacked stay as they are. */
  readonly robust: number;
}

/** Attacks a model on held-out instances, with the same random numbers whenever it is asked. */
export async function standingOf(
  model: Uint8Array,
  attack: Attack,
  validation: LabelledImages,
  problem: Pick<DefenseProblem, 'malicious' | 'feasible' | 'attacks' | 'rng' | 'signal' | 'crew'>,
): Promise<Standing> {
  const { malicious, feasible, attacks, rng, signal, crew } = problem;
  const predicted = await predictedBy(model, validation.images);
  const right = Uint8Array.from(validation.labels, (label, i) => Number(predicted[i] === label));
  const clean = right.reduce((sum, one) => sum + one, 0);
  const targets = attackedInstances(validation, malicious);
  const { evaded } = await attackModel(model, attack, targets, rng.split('robust accuracy'), {
    ...{ attacks, feasible, signal, crew },
  });
  const fallen = evaded.reduce((sum, one) => sum + one, 0);
  const unattacked =
    malicious === undefined
      ? 0
      : right.reduce((sum, one, i) => sum + (validation.labels[i] === malicious ? 0 : one), 0);
  const count = validation.labels.length;
  return { clean: clean / count, robust: (unattacked + targets.labels.length - fallen) / count };
}

async function predictedBy(model: Uint8Array, images: ImageBatch): Promise<Int32Array> {
  const verifier = await openVerifier(model, { box: images.box });
  try {
    return predictions(await verifier.logits(images.data), verifier.classes);
  } finally {
    await verifier.dispose();
  }
}
