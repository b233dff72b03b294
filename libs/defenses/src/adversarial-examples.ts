import {
  type Attack,
  type AttackDefinition,
  featureCount,
  type FeasibleSet,
  type ImageBatch,
  type LabelledImages,
  type Registry,
  type Rng,
  sharedFloats,
  SharedWork,
  takeImages,
  type WorkOptions,
} from '@rampart/core';

import { attackJob, openAttackPieces, pieceCount, sharedAttack } from './attack-pieces';

/** What an attack made of the instances, in memory that threads may share. */
export interface AdversarialExamples {
  readonly adversarial: ImageBatch;
  /** 1 where the example evades. */
  readonly evaded: Uint8Array;
}

/**
 * The instances that an attacker modifies: those of the malicious class, in memory that threads share, or all where
 * every class is attacked.
 */
export function attackedInstances(data: LabelledImages, malicious: number | undefined): LabelledImages {
  if (malicious === undefined) return data;
  const indices: number[] = [];
  data.labels.forEach((label, index) => {
    if (label === malicious) indices.push(index);
  });
  const { images, labels } = data;
  return {
    images: takeImages(images, indices, sharedFloats(indices.length * featureCount(images.shape))),
    labels: Int32Array.from(indices, (index) => labels[index]!),
  };
}

/**
 * Attacks a model, given as an ONNX file, on labelled instances. With a checkpoint an attack that was over is not made
 * again.
 * @param attacks where the threads of a crew find the attack
 * @param feasible what examples may be, as `DefenseProblem` has it
 */
export async function attackModel(
  model: Uint8Array,
  attack: Attack,
  instances: LabelledImages,
  rng: Rng,
  {
    attacks,
    feasible,
    signal,
    onProgress,
    crew,
    checkpoint,
  }: WorkOptions & { readonly attacks: Registry<AttackDefinition>; readonly feasible?: FeasibleSet | undefined },
): Promise<AdversarialExamples> {
  const kept = (await checkpoint?.read(rng.path)) as KeptExamples | undefined;
  if (kept) return { adversarial: { ...instances.images, data: kept.examples }, evaded: kept.evaded };
  const shared = sharedAttack(model, attack, instances, { rng, feasible });
  const own = await openAttackPieces(shared, attacks, signal);
  const work = new SharedWork(own, attackJob(shared), crew);
  const { count } = instances.images;
  try {
    await work.round(pieceCount(shared), (done) =>
      onProgress?.({ done: Math.min(count, done * shared.size), total: count, unit: 'instances' }),
    );
  } finally {
    await work.close();
  }
  const { adversarial, evaded } = shared;
  if (checkpoint?.due()) {
    const made: KeptExamples = { examples: Float32Array.from(adversarial), evaded: Uint8Array.from(evaded) };
    await checkpoint.keep(rng.path, made);
  }
  return { adversarial: { ...instances.images, data: adversarial }, evaded };
}

/** What a checkpoint has of an attack that is over. */
interface KeptExamples {
  readonly examples: Float32Array;
  readonly evaded: Uint8Array;
}
