import { type Dataset, decodeNpy, RampartError, type Rng, type WorkOptions } from '@rampart/core';
import type { ArtifactRef, ArtifactStore, InstanceRecord, StepRecord } from '@rampart/results';

/** What a step is given to work with. */
export interface StepContext extends WorkOptions {
  readonly dataset: Dataset;
  readonly artifacts: Pick<ArtifactStore, 'read' | 'write' | 'checkpoints'>;
  /** The results of the steps that this one needs, by key. */
  readonly inputs: ReadonlyMap<string, StepRecord>;
  /** The step's own generator, which its key determines. */
  readonly rng: Rng;
}

/** What a step makes. */
export interface StepResult {
  /** Plain JSON. */
  readonly output: unknown;
  readonly artifacts: readonly ArtifactRef[];
  readonly instances?: readonly InstanceRecord[];
}

/** The result of a needed step. */
export function inputOf(context: StepContext, key: string): StepRecord {
  const record = context.inputs.get(key);
  if (record) return record;
  throw new RampartError({ code: 'store', message: `The result of step ${key} is missing. Run the experiment again.` });
}

/** The bytes of a named artifact of a needed step. */
export async function artifactOf(context: StepContext, key: string, name: string): Promise<Uint8Array> {
  const record = inputOf(context, key);
  const ref = record.artifacts.find((artifact) => artifact.name === name);
  if (ref) return context.artifacts.read(ref);
  throw new RampartError({
    code: 'store',
    message: `Step "${record.label}" has no artifact "${name}". Found: ${record.artifacts.map((a) => a.name).join(', ') || 'none'}.`,
  });
}

/** The classes that an evaluation gave to the whole test set. */
export async function predictionsOf(context: StepContext, evaluate: string): Promise<Int32Array> {
  return decodeNpy(await artifactOf(context, evaluate, 'predictions')).data as Int32Array;
}
