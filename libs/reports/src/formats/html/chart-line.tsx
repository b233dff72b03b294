import { LinePath } from '@visx/shape';

import { colourOf, INNER, type Scale, short, strokeOf, type Weight } from './chart-layout';

/** A line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** With the bounds of its interval, which is drawn as a band. */
  readonly points: readonly (readonly [x: number, y: number, low?: number, high?: number])[];
  readonly weight?: Weight;
}

interface ChartLineProps {
  readonly series: ChartSeries;
  readonly index: number;
  readonly steps: boolean;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly x: string;
  readonly y: string;
}

export function ChartLine({ series, index, steps, xScale, yScale, x, y }: ChartLineProps) {
  const { name, points, weight } = series;
  if (steps) {
    const band = bandPath(series, xScale, yScale);
    return (
      <g>
        {band && <path className="band" d={band} fill={colourOf(index)} />}
        <path className="line" d={stepPath(points, xScale, yScale)} {...strokeOf(index, weight)} />
      </g>
    );
  }
  return (
    <g>
      <LinePath data={[...points]} x={([at]) => xScale(at)} y={([, value]) => yScale(value)}>
        {({ path }) => (
          <path className="line" d={path([...points]) ?? ''} {...strokeOf(index, weight)}>
            <title>{name}</title>
          </path>
        )}
      </LinePath>
      {points.length <= 12 &&
        points.map(([at, value]) => (
          <circle key={at} cx={xScale(at)} cy={yScale(value)} r={3} fill={colourOf(index)}>
            <title>{`${name}: ${x} ${at}, ${y} ${Number(value.toPrecision(4))}`}</title>
          </circle>
        ))}
    </g>
  );
}

/** A staircase to the end of the axis: each point holds up to the next. */
function stepPath(points: ChartSeries['points'], xScale: Scale, yScale: Scale): string {
  const [, end] = xScale.domain() as [number, number];
  const seen = points.filter(([at]) => at <= end);
  const stairs = seen.map(([at, value], index) =>
    index === 0 ? `M${short(xScale(at))} ${short(yScale(value))}` : `H${short(xScale(at))}V${short(yScale(value))}`,
  );
  return `${stairs.join('')}H${INNER.width}`;
}

/** There and back, along the upper and the lower bound; undefined for lines without an interval. */
function bandPath({ points }: ChartSeries, xScale: Scale, yScale: Scale): string | undefined {
  const [, end] = xScale.domain() as [number, number];
  const seen = points.filter(([at]) => at <= end);
  if (seen.some(([, , low, high]) => low === undefined || high === undefined)) return undefined;
  const upper = seen.map(([at, , , high]) => [at, high!] as const);
  const lower = seen.map(([at, , low]) => [at, low!] as const);
  const back = lower.map(([at, low]) => `V${short(yScale(low))}H${short(xScale(at))}`).toReversed();
  return `${stepPath(upper, xScale, yScale)}${back.join('')}Z`;
}
