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

/** What the values of samples are, where they are no pixels. */
export type SampleKind =
  | { readonly kind: 'table'; readonly features: readonly TableFeature[] }
  /** Amplitudes, so many a second. */
  | { readonly kind: 'sound'; readonly rate: number };

/** The units of a table's features: a value of the table is `scale` times the sample's, plus `shift`. One a feature. */
export function unitsOf(
  samples: SampleKind | undefined,
): { readonly scale: readonly number[]; readonly shift: readonly number[] } | undefined {
  if (samples?.kind !== 'table') return undefined;
  return { scale: samples.features.map(({ min, max }) => max - min), shift: samples.features.map(({ min }) => min) };
}

/** What a sample of this kind may become; undefined for anything in its box. */
export function feasibleOf(samples: SampleKind | undefined): FeasibleSet | undefined {
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
