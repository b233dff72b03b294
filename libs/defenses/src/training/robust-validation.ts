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

/** Instances that further judges look at, at most: each costs some hundred evaluations. */
const MOST_DOUBTED = 200;

/** What a model is judged by on held-out instances. */
export interface Judges {
  readonly first: Attack;
  /** Look in turn at some of what it leaves, and tell of all. */
  readonly further: readonly Attack[];
}

/** Attacks a model on held-out instances, with the same random numbers whenever it is asked. */
export async function standingOf(
  model: Uint8Array,
  { first, further }: Judges,
  validation: LabelledImages,
  problem: Pick<DefenseProblem, 'malicious' | 'feasible' | 'attacks' | 'rng' | 'signal' | 'crew'>,
): Promise<Standing> {
  const { malicious, feasible, attacks, rng, signal, crew } = problem;
  const predicted = await predictedBy(model, validation.images);
  const right = Uint8Array.from(validation.labels, (label, i) => Number(predicted[i] === label));
  const clean = sum(right);
  /** What an attack leaves of instances. */
  const standing = async (attack: Attack, instances: LabelledImages): Promise<LabelledImages> => {
    const { evaded } = await attackModel(model, attack, instances, rng.split('robust accuracy'), {
      ...{ attacks, feasible, signal, crew },
    });
    return takeLabelled(
      instances,
      [...evaded.keys()].filter((i) => evaded[i] === 0),
    );
  };
  const left = await standing(first, attackedInstances(validation, malicious));
  const seen = spread(left, MOST_DOUBTED);
  let stand = seen;
  for (const attack of further) if (stand.images.count > 0) stand = await standing(attack, stand);
  const part = seen.images.count > 0 ? stand.images.count / seen.images.count : 1;
  const unattacked =
    malicious === undefined ? 0 : sum(right.map((one, i) => (validation.labels[i] === malicious ? 0 : one)));
  const count = validation.labels.length;
  return { clean: clean / count, robust: (unattacked + part * left.images.count) / count };
}

/** Instances from all over the set, so many at most. */
function spread(instances: LabelledImages, most: number): LabelledImages {
  const { count } = instances.images;
  const taken = Math.min(most, count);
  return takeLabelled(
    instances,
    Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken)),
  );
}

function sum(values: Uint8Array): number {
  return values.reduce((total, value) => total + value, 0);
}

async function predictedBy(model: Uint8Array, images: ImageBatch): Promise<Int32Array> {
  const verifier = await openVerifier(model, { box: images.box });
  try {
    return predictions(await verifier.logits(images.data), verifier.classes);
  } finally {
    await verifier.dispose();
  }
}
