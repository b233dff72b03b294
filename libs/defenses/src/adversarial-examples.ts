import {
  type Attack,
  type AttackDefinition,
  type DeviceLog,
  type FeasibleSet,
  type ImageBatch,
  imageBatch,
  type LabelledImages,
  type Registry,
  type Rng,
  SharedWork,
  takeLabelled,
  type WorkOptions,
} from '@rampart/core';

import { attackJob, openAttackPieces, pieceCount, sharedAttack } from './attack-pieces';

/** What an attack made of the instances, in memory that threads may share. */
export interface AdversarialExamples {
  readonly adversarial: ImageBatch;
  /** 1 where the example evades. */
  readonly evaded: Uint8Array;
}

/** The places of the instances that an attacker modifies: those of the malicious class, or all where every class is attacked. */
export function attackedPlaces({ labels }: LabelledImages, malicious: number | undefined): Int32Array {
  const all = Int32Array.from(labels.keys());
  return malicious === undefined ? all : all.filter((place) => labels[place] === malicious);
}

/** The instances that an attacker modifies. */
export function attackedInstances(data: LabelledImages, malicious: number | undefined): LabelledImages {
  return malicious === undefined ? data : takeLabelled(data, attackedPlaces(data, malicious));
}

/**
 * Attacks a model, given as an ONNX file, on labelled instances. With a checkpoint an attack that was over is not made
 * again. On a device one thread attacks them all.
 * @param attacks where the threads of a crew find the attack
 * @param feasible what examples may be, as `DefenseProblem` has it
 * @param places which of the instances are attacked; all where nothing is said
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
    device,
    checkpoint,
    places = attackedPlaces(instances, undefined),
  }: WorkOptions & {
    readonly attacks: Registry<AttackDefinition>;
    readonly feasible?: FeasibleSet | undefined;
    readonly device?: DeviceLog | undefined;
    readonly places?: Int32Array;
  },
): Promise<AdversarialExamples> {
  const kept = (await checkpoint?.read(rng.path)) as KeptExamples | undefined;
  if (kept) return examplesOf(instances.images, kept.examples, kept.evaded);
  const shared = sharedAttack(model, attack, instances, places, { rng, feasible });
  const own = await openAttackPieces(shared, attacks, { signal, device });
  const work = new SharedWork(own, attackJob(shared), device ? undefined : crew);
  const count = places.length;
  try {
    await work.round(pieceCount(shared), (done) =>
      onProgress?.({ done: Math.min(count, done * shared.size), total: count, unit: 'instances' }),
    );
  } finally {
    await work.close();
  }
  const { adversarial, evaded } = shared;
  const made: KeptExamples = { examples: adversarial, evaded };
  if (checkpoint?.due()) await checkpoint.keep(rng.path, made);
  return examplesOf(instances.images, adversarial, evaded);
}

function examplesOf({ shape, box }: ImageBatch, examples: Float32Array, evaded: Uint8Array): AdversarialExamples {
  return { adversarial: imageBatch(examples, shape, box), evaded };
}

/** What a checkpoint has of an attack that is over. */
interface KeptExamples {
  readonly examples: Float32Array;
  readonly evaded: Uint8Array;
}
