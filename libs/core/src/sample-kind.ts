import { featureCount, type ImageShape, sampleShape } from './image-batch';
import type { FeasibleSet } from './threat/feasible-set';

/** A feature of a table's rows. It is scaled: `min` becomes 0 and `max` becomes 1. */
export interface TableFeature {
  readonly name: string;
  /** `integer`: whole numbers before scaling. `category`: 0 or 1, exactly one of its group being 1. */
  readonly values: 'number' | 'integer' | 'category';
  /** Least and greatest value, in the table's units. */
  readonly min: number;
  readonly max: number;
  /** Whether no attacker can change it. */
  readonly fixed: boolean;
  /** The column that it is a category of. */
  readonly column?: string;
}

/** What the values of samples are that are attacked, where they are no pixels. */
export type ValueKind =
  | { readonly kind: 'table'; readonly features: readonly TableFeature[] }
  /** Amplitudes, so many a second. */
  | { readonly kind: 'sound'; readonly rate: number };

/**
 * What each sample brings along for another input of a model than the one that is attacked: so many values, which no
 * attacker can change. They are scaled: `min` becomes the lower end of the samples' box and `max` its upper one.
 */
export interface Companion {
  /** The input's name. */
  readonly name: string;
  /** The axes of one sample's values. */
  readonly dims: readonly number[];
  /** Least and greatest value, in the model's units. */
  readonly min: number;
  readonly max: number;
  /** Whether all of them are whole numbers. */
  readonly whole: boolean;
}

/**
 * Samples that bring along what is not attacked. Their values are those of a sample of the shape `shape`, then those of
 * each companion, then a set of labels: one value for each, the upper end of the box where the label holds and the lower
 * one where it does not.
 */
export interface AccompaniedKind {
  readonly kind: 'accompanied';
  readonly shape: ImageShape;
  /** What the values that are attacked are, where they are no pixels. */
  readonly of?: ValueKind;
  readonly companions: readonly Companion[];
  /** Names of labels of which any may hold at once; none where each sample has one class. */
  readonly labels: readonly string[];
}

/** What the values of samples are, where they are no pixels alone. */
export type SampleKind = ValueKind | AccompaniedKind;

/** What samples bring along; undefined where they are attacked whole. */
export function companyOf(samples: SampleKind | undefined): AccompaniedKind | undefined {
  return samples?.kind === 'accompanied' ? samples : undefined;
}

/** Whether samples have sets of labels, of which any may hold at once, in place of one class each. */
export function isOfSets(samples: SampleKind | undefined): boolean {
  return (companyOf(samples)?.labels.length ?? 0) > 0;
}

/** Values of one sample of a companion. */
export function companionSize({ dims }: Companion): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** The shape of samples with all that they bring along. */
export function accompaniedShape({ shape, companions, labels }: AccompaniedKind): ImageShape {
  const brought = companions.reduce((total, companion) => total + companionSize(companion), labels.length);
  return sampleShape([featureCount(shape) + brought]);
}

/** The units of a table's features, of those that are attacked: a value of the table is `scale` times the sample's, plus `shift`. One a feature. */
export function unitsOf(
  samples: SampleKind | undefined,
): { readonly scale: readonly number[]; readonly shift: readonly number[] } | undefined {
  if (samples?.kind === 'accompanied') return unitsOf(samples.of);
  if (samples?.kind !== 'table') return undefined;
  return { scale: samples.features.map(({ min, max }) => max - min), shift: samples.features.map(({ min }) => min) };
}

/** What a sample of this kind may become; undefined for anything in its box. */
export function feasibleOf(samples: SampleKind | undefined): FeasibleSet | undefined {
  if (samples?.kind === 'accompanied') return feasibleWithCompany(samples);
  if (samples?.kind !== 'table') return undefined;
  const { features } = samples;
  const groups = new Map<string, number[]>();
  features.forEach(({ values, column }, k) => {
    if (values !== 'category' || column === undefined) return;
    groups.set(column, [...(groups.get(column) ?? []), k]);
  });
  const steps = features.map(({ values, min, max }) => (values === 'integer' ? 1 / (max - min) : 0));
  return {
    ...(features.some(({ fixed }) => fixed) && { frozen: Uint8Array.from(features, ({ fixed }) => Number(fixed)) }),
    ...(steps.some((step) => step > 0) && { steps: Float64Array.from(steps) }),
    ...(groups.size > 0 && { groups: [...groups.values()] }),
  };
}

/** What the attacked values may become; everything else stays. */
function feasibleWithCompany(samples: AccompaniedKind): FeasibleSet {
  const own = feasibleOf(samples.of);
  const features = featureCount(accompaniedShape(samples));
  const frozen = new Uint8Array(features).fill(1);
  frozen.fill(0, 0, featureCount(samples.shape));
  if (own?.frozen) frozen.set(own.frozen);
  const steps = own?.steps && new Float64Array(features);
  steps?.set(own!.steps!);
  return { ...own, frozen, ...(steps && { steps }) };
}
