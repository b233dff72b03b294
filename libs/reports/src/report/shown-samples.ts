import { featureCount } from '@rampart/core';
import type { ArtifactRef, ImageFacts, InstanceRecord, StepRecord, Store } from '@rampart/results';

import { type Picture, pictureOf } from './pictures';
import { rowOf, type ShownRow } from './shown-row';
import { type ShownSound, soundOf } from './shown-sound';

/** An attacked instance to look at, or to listen to: an image, a table's row, a sound. */
export type ShownSample = Picture | ShownRow | ShownSound;

/** An attacked instance before and after, as the evaluation's files have it. */
export interface AttackedRow {
  /** The evaluation. */
  readonly step: StepRecord;
  /** Of the files that the rows are of: [instances, ...]. */
  readonly shape: readonly number[];
  readonly original: Float32Array;
  readonly adversarial: Float32Array;
}

/**
 * The values of instances, in their order; undefined where the evaluation's files have none. Each file is opened once,
 * however many of its rows are wanted.
 */
export async function attackedRows(
  store: Pick<Store, 'steps' | 'artifacts'>,
  instances: readonly Pick<InstanceRecord, 'evaluateStep' | 'position'>[],
): Promise<(AttackedRow | undefined)[]> {
  const steps = await store.steps.findAll([...new Set(instances.map((instance) => instance.evaluateStep))]);
  const result = new Array<AttackedRow | undefined>(instances.length).fill(undefined);
  for (const step of steps) {
    const original = artifact(step, 'originals');
    const adversarial = artifact(step, 'adversarial');
    if (!original || !adversarial) continue;
    const places = instances.flatMap((one, place) => (one.evaluateStep === step.key ? [place] : []));
    const rows = places.map((place) => instances[place]!.position);
    const [before, after] = await Promise.all([
      store.artifacts.readRows(original, rows),
      store.artifacts.readRows(adversarial, rows),
    ]);
    places.forEach((place, index) => {
      const values = { original: before.rows[index]!, adversarial: after.rows[index]! };
      result[place] = { step, shape: before.shape, ...values };
    });
  }
  return result;
}

/** What there is to show of an instance. */
export function shownSample(
  { shape, original, adversarial }: AttackedRow,
  facts: Pick<ImageFacts, 'box' | 'samples'>,
): ShownSample {
  return shown(shape, facts, original, adversarial);
}

/** What there is to show of instances, in their order; undefined where the evaluation's files have none. */
export async function shownSamples(
  store: Pick<Store, 'steps' | 'artifacts'>,
  facts: Pick<ImageFacts, 'box' | 'samples'>,
  instances: readonly Pick<InstanceRecord, 'evaluateStep' | 'position'>[],
): Promise<(ShownSample | undefined)[]> {
  return (await attackedRows(store, instances)).map((row) => row && shownSample(row, facts));
}

function shown(
  [, channels = 1, height = 1, width = 1]: readonly number[],
  { box, samples }: Pick<ImageFacts, 'box' | 'samples'>,
  original: Float32Array,
  adversarial: Float32Array,
): ShownSample {
  if (samples?.kind === 'accompanied') {
    const { shape, of } = samples;
    const own = (values: Float32Array) => values.subarray(0, featureCount(shape));
    const dims = [0, shape.channels, shape.height, shape.width];
    return shown(dims, { box, ...(of && { samples: of }) }, own(original), own(adversarial));
  }
  if (samples?.kind === 'table') return rowOf(samples.features, original, adversarial);
  if (samples?.kind === 'sound') return soundOf(samples.rate, channels * height, original, adversarial);
  return pictureOf({ channels, height, width }, box, original, adversarial);
}

/** A file of a step. */
export function artifact(step: StepRecord, name: string): ArtifactRef | undefined {
  return step.artifacts.find((one) => one.name === name);
}
