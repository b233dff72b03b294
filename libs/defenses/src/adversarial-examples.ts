import {
  type Attack,
  evade,
  type Evasion,
  type LabelledImages,
  type Rng,
  takeLabelled,
  type WorkOptions,
} from '@rampart/core';
import { openForAttack, openVerifier } from '@rampart/models';

/** The instances that an attacker modifies: those of the malicious class, or all where every class is attacked. */
export function attackedInstances(data: LabelledImages, malicious: number | undefined): LabelledImages {
  if (malicious === undefined) return data;
  const indices: number[] = [];
  data.labels.forEach((label, index) => {
    if (label === malicious) indices.push(index);
  });
  return takeLabelled(data, indices);
}

/** Attacks a model, given as an ONNX file, on labelled instances. */
export async function attackModel(
  model: Uint8Array,
  attack: Attack,
  instances: LabelledImages,
  rng: Rng,
  options: WorkOptions = {},
): Promise<Evasion> {
  const { box } = instances.images;
  const classifier = await openForAttack(model, { box });
  const verifier = await openVerifier(model, { box });
  try {
    return await evade({ attack, classifier, verifier, ...instances, rng, ...options });
  } finally {
    await classifier.dispose();
    await verifier.dispose();
  }
}
