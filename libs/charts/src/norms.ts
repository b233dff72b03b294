/** The norms that distances are told in. */
export const NORMS = ['linf', 'l2', 'l1', 'l0'] as const;

export type NormName = (typeof NORMS)[number];

export const NORM_NAMES: Readonly<Record<NormName, string>> = {
  linf: 'linf, the largest change',
  l2: 'l2, Euclidean',
  l1: 'l1, the sum of changes',
  l0: 'l0, features changed',
};

/** To four digits; a number of features whole. */
export function distanceText(norm: NormName, distance: number): string {
  return norm === 'l0' ? distance.toLocaleString('en') : String(Number(distance.toPrecision(4)));
}
