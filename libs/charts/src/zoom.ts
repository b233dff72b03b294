/** A part of an axis. */
export type Domain = readonly [from: number, to: number];

/** An axis that may be shown in part. */
export interface ZoomedAxis {
  readonly whole: Domain;
  /** Whether equal steps are equal factors. */
  readonly log?: boolean;
}

/** Of the whole axis, the least that can be shown. */
const LEAST = 1e-4;

/**
 * What is shown of an axis after zooming in by a factor, or out by one below 1, with one place where it was; undefined
 * where that is all of it.
 */
export function zoomed(shown: Domain, axis: ZoomedAxis, factor: number, around?: number): Domain | undefined {
  const [from, to] = shown.map(forward(axis)) as [number, number];
  const fixed = around === undefined ? (from + to) / 2 : Math.min(to, Math.max(from, forward(axis)(around)));
  return clipped(fixed - (fixed - from) / factor, fixed + (to - fixed) / factor, axis);
}

/** What is shown after moving along the axis by a share of what is in sight. */
export function moved(shown: Domain, axis: ZoomedAxis, share: number): Domain | undefined {
  const [from, to] = shown.map(forward(axis)) as [number, number];
  const [first, last] = axis.whole.map(forward(axis)) as [number, number];
  const by = Math.min(last - to, Math.max(first - from, share * (to - from)));
  return clipped(from + by, to + by, axis);
}

/** What lies between two places, whichever of them comes first. */
export function between(a: number, b: number, axis: ZoomedAxis): Domain | undefined {
  const places = [a, b].map(forward(axis)).sort((one, other) => one - other) as [number, number];
  return clipped(...places, axis);
}

function clipped(from: number, to: number, axis: ZoomedAxis): Domain | undefined {
  const [first, last] = axis.whole.map(forward(axis)) as [number, number];
  const least = (last - first) * LEAST;
  const left = Math.min(Math.max(from, first), last - least);
  const right = Math.max(Math.min(to, last), left + least);
  if (left <= first + least && right >= last - least) return undefined;
  return axis.log ? [10 ** left, 10 ** right] : [left, right];
}

function forward({ log }: ZoomedAxis): (value: number) => number {
  return log ? Math.log10 : (value) => value;
}
