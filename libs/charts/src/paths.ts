/** A point of a series, with the bounds of its interval where it has one. */
export type ChartPoint = readonly [x: number, y: number, low?: number, high?: number];

/** A scale: where a value is drawn. */
export type Place = (value: number) => number;

export interface PathOptions {
  /** Keeps a value until the next point instead of drawing a slope to it. */
  readonly step?: boolean;
  /** Where the last value of a staircase is kept to, as drawn; at its point where nothing is said. */
  readonly end?: number;
}

/** The path of a line; empty where there are no points. */
export function linePath(points: readonly ChartPoint[], x: Place, y: Place, options: PathOptions = {}): string {
  return path(
    points.map(([at, value]) => [x(at), y(value)]),
    options,
  );
}

/** The outline of the interval around a line: along the upper bounds and back along the lower ones. */
export function bandPath(points: readonly ChartPoint[], x: Place, y: Place, options: PathOptions = {}): string {
  const bounded = points.filter(([, , low, high]) => low !== undefined && high !== undefined);
  if (bounded.length === 0 || bounded.length < points.length) return '';
  const upper = path(
    bounded.map(([at, , , high]) => [x(at), y(high!)]),
    options,
  );
  const lower = bounded.map(([at, , low]) => [x(at), y(low!)] as const).toReversed();
  const back = options.step
    ? lower.map(([left, top]) => `V${coordinate(top)}H${coordinate(left)}`)
    : lower.map(([left, top]) => `L${coordinate(left)} ${coordinate(top)}`);
  return `${upper}${back.join('')}Z`;
}

function path(places: readonly (readonly [number, number])[], { step, end }: PathOptions): string {
  const parts = places.map(([left, top], index) => {
    if (index === 0) return `M${coordinate(left)} ${coordinate(top)}`;
    return step ? `H${coordinate(left)}V${coordinate(top)}` : `L${coordinate(left)} ${coordinate(top)}`;
  });
  if (step && end !== undefined && places.length > 0) parts.push(`H${coordinate(end)}`);
  return parts.join('');
}

/** An SVG coordinate, short. */
export function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10);
}
