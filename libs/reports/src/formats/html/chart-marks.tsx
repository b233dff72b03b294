import { type AxisMark, coordinate, placeMarks, seriesLook, SeriesMarks } from '@rampart/charts';

import type { ChartSeries } from './chart-line';
import { INNER, type Range, type Scale } from './chart-layout';
import { seriesClass } from './legend-entry';

/** Something that is known at one place only. */
export interface Dot {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** A line of names above the plot. */
const LINE_HEIGHT = 13;

/** Upright lines with their names above, each as low as the others leave room for. */
export function ChartMarks({ marks, xScale }: { readonly marks: readonly AxisMark[]; readonly xScale: Scale }) {
  return placeMarks(marks, xScale, INNER.width, 0).map(({ name, left, textLeft, level }) => (
    <g key={name}>
      <line className="mark" x1={coordinate(left)} x2={coordinate(left)} y2={INNER.height} />
      <text className="mark-label" x={coordinate(textLeft)} y={-6 - LINE_HEIGHT * level} fontSize={12}>
        {name}
      </text>
    </g>
  ));
}

/** How far apart dots of one place are drawn. */
const APART = 12;

interface ChartDotsProps {
  readonly dots: readonly Dot[];
  /** The names of all dots, in the order of the legend. */
  readonly named: readonly string[];
  /** The number of colours that lines have taken. */
  readonly after: number;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly formatY: (y: number) => string;
}

/** Dots of one place stand side by side. */
export function ChartDots({ dots, named, after, xScale, yScale, formatY }: ChartDotsProps) {
  return dots.map(({ name, x, y }) => {
    const beside = dots.filter((dot) => dot.x === x);
    const place = beside.findIndex((dot) => dot.name === name) - (beside.length - 1) / 2;
    const index = after + named.indexOf(name);
    return (
      <g key={`${name} ${x}`} className={seriesClass(index)}>
        <SeriesMarks
          points={[[x, y]]}
          x={(at) => xScale(at) + place * APART}
          y={yScale}
          look={seriesLook(index)}
          size={4.2}
          titleOf={([, value]) => `${name}: ${formatY(value)}`}
        />
      </g>
    );
  });
}

/** Places at which the values of all lines can be read off. */
const READINGS = 60;

interface ChartReadingsProps {
  readonly series: readonly ChartSeries[];
  readonly xRange: Range;
  readonly xScale: Scale;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
}

/** Whoever points at a staircase is told what it has there, without a script. */
export function ChartReadings({ series, xRange: [from, to], xScale, formatX, formatY }: ChartReadingsProps) {
  const width = INNER.width / READINGS;
  return Array.from({ length: READINGS }, (_, index) => {
    const x = from + ((index + 0.5) / READINGS) * (to - from);
    const lines = series.map(({ name, points }) => {
      const [, value] = points.findLast(([at]) => at <= x) ?? points[0]!;
      return `${name}: ${formatY(value)}`;
    });
    return (
      <rect
        key={x}
        className="reading"
        x={coordinate(xScale(x) - width / 2)}
        width={coordinate(width)}
        height={INNER.height}
      >
        <title>{[formatX(Number(x.toPrecision(3))), ...lines].join('\n')}</title>
      </rect>
    );
  });
}
