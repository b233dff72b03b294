import type { ChartSeries } from './chart-line';
import { colourOf, INNER, type Range, type Scale, short } from './chart-layout';

/** A place on the x axis with a name. */
export interface Mark {
  readonly x: number;
  readonly label: string;
}

/** Something that is known at one place only. */
export interface Dot {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** Labels that are nearer to each other than this take turns in height. */
const LABEL_WIDTH = 44;

export function ChartMarks({ marks, xScale }: { readonly marks: readonly Mark[]; readonly xScale: Scale }) {
  const sorted = [...marks].sort((a, b) => a.x - b.x);
  return sorted.map(({ x, label }, index) => {
    const before = sorted[index - 1];
    const near = before !== undefined && xScale(x) - xScale(before.x) < LABEL_WIDTH;
    return near && index % 2 === 1 ? (
      <MarkLine key={x} at={xScale(x)} />
    ) : (
      <g key={x}>
        <MarkLine at={xScale(x)} />
        <text className="mark-label" x={xScale(x)} y={-6} fontSize={12} textAnchor="middle">
          {label}
        </text>
      </g>
    );
  });
}

function MarkLine({ at }: { readonly at: number }) {
  return <line className="mark" x1={short(at)} x2={short(at)} y2={INNER.height} />;
}

/** Circle, square, diamond, triangle, about the origin: dots are told apart by more than their colours. */
export const DOT_SYMBOLS: readonly string[] = [
  'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z',
  'M-4 -4H4V4H-4Z',
  'M0 -5.5L5.5 0L0 5.5L-5.5 0Z',
  'M0 -5L5 4H-5Z',
];

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
    const index = named.indexOf(name);
    return (
      <path
        key={`${name} ${x}`}
        className="dot"
        d={DOT_SYMBOLS[index % DOT_SYMBOLS.length]}
        transform={`translate(${short(xScale(x) + place * APART)} ${short(yScale(y))})`}
        fill={colourOf(after + index)}
      >
        <title>{`${name}: ${formatY(y)}`}</title>
      </path>
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
      <rect key={x} className="reading" x={short(xScale(x) - width / 2)} width={short(width)} height={INNER.height}>
        <title>{[formatX(Number(x.toPrecision(3))), ...lines].join('\n')}</title>
      </rect>
    );
  });
}
