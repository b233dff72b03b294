import { type ReactNode } from 'react';

import { bandPath, type ChartPoint, coordinate, linePath, type PathOptions, type Place } from './paths';
import { markPath, type SeriesLook } from './series-look';

interface ShapeProps {
  readonly points: readonly ChartPoint[];
  readonly x: Place;
  readonly y: Place;
  readonly look: SeriesLook;
}

interface LineProps extends ShapeProps, PathOptions {
  /** Of the stroke. */
  readonly width: number;
  readonly children?: ReactNode;
}

/** The line of a series. */
export function SeriesLine({ points, x, y, look, width, step, end, children }: LineProps) {
  return (
    <path
      className="line"
      d={linePath(points, x, y, { step, end })}
      fill="none"
      strokeWidth={width}
      strokeDasharray={look.dash === '' ? undefined : look.dash}
      style={{ stroke: look.colour }}
    >
      {children}
    </path>
  );
}

/** The interval around a series' line; nothing where a point has none. */
export function SeriesBand({ points, x, y, look, step, end }: ShapeProps & PathOptions) {
  const outline = bandPath(points, x, y, { step, end });
  return outline === '' ? null : <path className="band" d={outline} opacity={0.16} style={{ fill: look.colour }} />;
}

interface MarksProps extends ShapeProps {
  /** About half as wide as a mark is; that of a line's where nothing is said. */
  readonly size?: number;
  /** What a mark says to whoever points at it. */
  readonly titleOf?: (point: ChartPoint) => string;
}

/** A mark at every point of a series. */
export function SeriesMarks({ points, x, y, look, size, titleOf }: MarksProps) {
  return points.map((point) => (
    <path
      key={point[0]}
      className="dot"
      d={markPath(look.mark, size)}
      transform={`translate(${coordinate(x(point[0]))} ${coordinate(y(point[1]))})`}
      style={{ fill: look.colour }}
    >
      {titleOf && <title>{titleOf(point)}</title>}
    </path>
  ));
}

/** The beginning of a series' line, with its mark, for legends. */
export function Swatch(props: {
  readonly look: SeriesLook;
  readonly width?: number;
  readonly line?: boolean;
  readonly mark?: boolean;
}) {
  const { look, width = 1.75, line = true, mark = true } = props;
  return (
    <svg aria-hidden="true" width="18" height="10" viewBox="-9 -5 18 10" className="shrink-0">
      {line && (
        <line
          x1={-9}
          x2={9}
          strokeWidth={width}
          strokeDasharray={look.dash === '' ? undefined : look.dash}
          style={{ stroke: look.colour }}
        />
      )}
      {mark && <path d={markPath(look.mark)} style={{ fill: look.colour }} />}
    </svg>
  );
}
