import { type ChartPoint, SeriesBand, SeriesLine, seriesLook, SeriesMarks } from '@rampart/charts';

import { INNER, type Scale, type Weight, widthOf } from './chart-layout';
import { seriesClass } from './legend-entry';

/** A line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** With the bounds of its interval, which is drawn as a band. */
  readonly points: readonly ChartPoint[];
  readonly weight?: Weight;
}

interface ChartLineProps {
  readonly series: ChartSeries;
  readonly index: number;
  /** Whether each point holds up to the next, and the last one to the end of the axis. */
  readonly steps: boolean;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly x: string;
  readonly y: string;
}

/** Beyond this a mark at every point would hide the line. */
const MARKED_POINTS = 12;

export function ChartLine({ series, index, steps, xScale, yScale, x, y }: ChartLineProps) {
  const { name, points, weight } = series;
  const shape = { x: xScale, y: yScale, look: seriesLook(index) };
  if (steps) {
    const [, end] = xScale.domain() as [number, number];
    const line = { ...shape, points: points.filter(([at]) => at <= end), step: true, end: INNER.width };
    return (
      <g className={seriesClass(index)}>
        <SeriesBand {...line} />
        <SeriesLine {...line} width={widthOf(weight)} />
      </g>
    );
  }
  const titleOf = ([at, value]: ChartPoint) => `${name}: ${x} ${at}, ${y} ${Number(value.toPrecision(4))}`;
  return (
    <g className={seriesClass(index)}>
      <SeriesLine {...shape} points={points} width={widthOf(weight)}>
        <title>{name}</title>
      </SeriesLine>
      {points.length <= MARKED_POINTS && <SeriesMarks {...shape} points={points} titleOf={titleOf} />}
    </g>
  );
}
