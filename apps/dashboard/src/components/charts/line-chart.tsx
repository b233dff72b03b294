'use client';

import {
  type AxisMark,
  between,
  type Domain,
  moved,
  placeMarks,
  SeriesBand,
  SeriesLine,
  type SeriesLook,
  seriesLook,
  SeriesMarks,
  short,
  Swatch,
  textWidth,
  widened,
  zoomed,
} from '@rampart/charts';
import { AxisBottom, AxisLeft } from '@visx/axis';
import { scaleLinear, scaleLog } from '@visx/scale';
import { type PointerEvent, useId, useMemo, useState } from 'react';

import { percent } from '../format';
import { useWidth } from './use-width';

export interface ChartSeries {
  readonly name: string;
  /** In order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly look?: SeriesLook;
  /** The bounds of the interval at each point. */
  readonly bounds?: readonly (readonly [low: number, high: number])[];
  /** Draws the interval, as a band behind the lines. */
  readonly band?: boolean;
  /** How much the series matters: 1 as a line among others. */
  readonly weight?: number;
  /** Points by themselves, with no line through them. */
  readonly dots?: boolean;
}

interface LineChartProps {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly height: number;
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly yFormat?: 'percent' | 'number';
  readonly yDomain?: readonly [number, number];
  readonly xLog?: boolean;
  /** Ticks at whole numbers alone. */
  readonly xWhole?: boolean | undefined;
  readonly yLog?: boolean;
  /** Keeps a value until the next point instead of drawing a slope to it. */
  readonly step?: boolean;
  readonly marks?: readonly AxisMark[];
  readonly svgId?: string;
  /** What is shown of the x axis; all of it where nothing is said. */
  readonly zoom?: Domain | undefined;
  /** Lets the x axis be zoomed: is told what to show, undefined for all of it. */
  readonly onZoom?: (zoom: Domain | undefined) => void;
}

const MARGIN = { top: 24, right: 12, bottom: 36, left: 46 };
const NO_MARKS: readonly AxisMark[] = [];
const Y_LABEL = { left: 4 - MARGIN.left };
const LINE_HEIGHT = 13;
/** The width of a line. */
const LINE = 1.75;
/** A drag that is shorter is a click, in pixels. */
const DRAG = 6;
/** By how much one step zooms. */
const STEP = 2;
/** Beyond this a mark at every point would hide the line. */
const MARKED_POINTS = 30;

/**
 * Lines over a common axis, with the values under the pointer or the arrow keys. Where it may be zoomed: by a drag
 * across the plot, by the keys + and -, 0 for all of it, Shift with the arrows to move along, and by buttons.
 */
export function LineChart(props: LineChartProps) {
  const { series, height, yFormat = 'number', xLog = false, yLog = false, step = false, marks = NO_MARKS } = props;
  const { ref, width } = useWidth<HTMLDivElement>(360);
  const clip = useId();
  const [at, setAt] = useState<number>();
  const [drag, setDrag] = useState<readonly [from: number, to: number]>();
  const all = useMemo(
    () =>
      [...new Set([...series.flatMap((one) => one.points.map(([x]) => x)), ...marks.map(({ x }) => x)])]
        .filter((x) => !xLog || x > 0)
        .sort((a, b) => a - b),
    [series, marks, xLog],
  );
  const innerWidth = width - MARGIN.left - MARGIN.right;
  const whole = all.length === 0 ? undefined : widened(all[0]!, all.at(-1)!);
  const zoom = whole && props.zoom && between(...props.zoom, { whole, log: xLog });
  const inSight = (value: number) => zoom === undefined || (value >= zoom[0] && value <= zoom[1]);
  const xs = all.filter(inSight);
  const known = series.flatMap((one) => one.points).filter(([, value]) => !yLog || value > 0);
  const near = known.filter(([value]) => inSight(value));
  const ys = (near.length > 0 ? near : known).map(([, value]) => value);
  if (whole === undefined || ys.length === 0) {
    return (
      <p className="grid place-items-center text-[13px] text-ink-3" style={{ height }}>
        No points to draw
      </p>
    );
  }
  const low = ys.reduce((a, b) => Math.min(a, b));
  const high = ys.reduce((a, b) => Math.max(a, b));
  const axis = { whole, log: xLog };
  const xDomain = [...(zoom ?? whole)];
  const yDomain =
    props.yDomain && !yLog
      ? [...props.yDomain]
      : yLog
        ? widened(low, high)
        : widened(Math.min(0, low), Math.max(0, high));
  const x = (xLog ? scaleLog<number> : scaleLinear<number>)({ domain: xDomain, range: [0, innerWidth] });
  const named = placeMarks(
    marks.filter((mark) => (!xLog || mark.x > 0) && inSight(mark.x)),
    x,
    innerWidth,
    Y_LABEL.left + textWidth(props.yLabel ?? ''),
  );
  const top = MARGIN.top + LINE_HEIGHT * Math.max(0, ...named.map(({ level }) => level));
  const inner = { width: innerWidth, height: height - top - MARGIN.bottom };
  const y = (yLog ? scaleLog<number> : scaleLinear<number>)({ domain: yDomain, range: [inner.height, 0], nice: !yLog });
  const write = (value: number) => (yFormat === 'percent' ? percent(value) : short(value));
  const marked =
    series.length > 1 && series.every((one) => one.weight === undefined && one.points.length <= MARKED_POINTS);
  const banded = series.some(({ band }) => band);
  const hovered = at === undefined ? undefined : xs[Math.min(at, xs.length - 1)];

  const placeOfPointer = (event: PointerEvent<SVGSVGElement>) =>
    Math.min(innerWidth, Math.max(0, event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left));
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const place = placeOfPointer(event);
    setDrag((old) => old && [old[0], place]);
    let nearest = 0;
    for (let i = 1; i < xs.length; i++)
      if (Math.abs(x(xs[i]!) - place) < Math.abs(x(xs[nearest]!) - place)) nearest = i;
    setAt(xs.length === 0 ? undefined : nearest);
  };
  const change = (to: Domain | undefined) => {
    setAt(undefined);
    props.onZoom?.(to);
  };
  const zoomBy = (factor: number) => change(zoomed(zoom ?? whole, axis, factor, hovered));
  const letGo = () => {
    if (drag && Math.abs(drag[1] - drag[0]) > DRAG) change(between(x.invert(drag[0]), x.invert(drag[1]), axis));
    setDrag(undefined);
  };
  const keys: Readonly<Record<string, () => void>> = props.onZoom
    ? {
        '+': () => zoomBy(STEP),
        '=': () => zoomBy(STEP),
        '-': () => zoomBy(1 / STEP),
        '0': () => change(undefined),
        'Shift+ArrowRight': () => change(moved(zoom ?? whole, axis, 0.25)),
        'Shift+ArrowLeft': () => change(moved(zoom ?? whole, axis, -0.25)),
      }
    : {};
  const tick = { fill: 'var(--ink-3)', fontSize: 11, fontFamily: 'inherit' } as const;
  return (
    <div ref={ref} className="relative min-w-0">
      <svg
        id={props.svgId}
        width={width}
        height={height}
        role="img"
        aria-label={`${props.title}. ${series.length === 1 ? '' : `${series.length} series. `}Arrow keys read the values${props.onZoom ? '; + and - zoom, 0 shows all' : ''}.`}
        tabIndex={0}
        className={`block max-w-full touch-pan-y ${props.onZoom ? 'cursor-crosshair select-none' : ''}`}
        onPointerDown={(event) => {
          // A finger that moves reads values; it has the buttons to zoom.
          if (!props.onZoom || event.pointerType === 'touch' || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const place = placeOfPointer(event);
          setDrag([place, place]);
        }}
        onPointerUp={letGo}
        onPointerCancel={() => setDrag(undefined)}
        onPointerMove={point}
        onPointerLeave={() => setAt(undefined)}
        onBlur={() => setAt(undefined)}
        {...(props.onZoom && { onDoubleClick: () => change(undefined) })}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const key = keys[event.shiftKey && event.key.startsWith('Arrow') ? `Shift+${event.key}` : event.key];
          if (key) {
            event.preventDefault();
            key();
            return;
          }
          const move = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
          if (move === undefined || xs.length === 0) return;
          event.preventDefault();
          setAt((old) =>
            Math.min(
              xs.length - 1,
              Math.max(0, old === undefined && move === -1 ? xs.length - 1 : (old ?? (move === 1 ? -1 : 0)) + move),
            ),
          );
        }}
      >
        <clipPath id={clip}>
          <rect x={-4} y={-4} width={inner.width + 8} height={inner.height + 8} />
        </clipPath>
        <g transform={`translate(${MARGIN.left} ${top})`}>
          {(y.ticks as (count?: number) => number[])(Math.max(2, Math.floor(inner.height / 36))).map((value) => (
            <line
              key={value}
              x2={inner.width}
              y1={y(value)}
              y2={y(value)}
              stroke={value === 0 && low < 0 ? 'var(--line-strong)' : 'var(--line)'}
            />
          ))}
          <AxisLeft
            scale={y}
            numTicks={Math.max(2, Math.floor(inner.height / 36))}
            hideTicks
            hideAxisLine
            tickFormat={(value) =>
              yFormat === 'percent' ? `${+(Number(value) * 100).toFixed(2)}%` : short(Number(value))
            }
            tickLabelProps={{ ...tick, textAnchor: 'end', dx: -2, dy: 4 }}
          />
          <AxisBottom
            top={inner.height}
            scale={x}
            numTicks={Math.max(2, Math.floor(inner.width / 110))}
            {...(props.xWhole && {
              tickValues: (x.ticks as (count?: number) => number[])(Math.max(2, Math.floor(inner.width / 110))).filter(
                Number.isInteger,
              ),
            })}
            stroke="var(--line-strong)"
            tickStroke="var(--line-strong)"
            tickLength={4}
            tickFormat={(value) => short(Number(value))}
            // At the edges they would be cut.
            tickLabelProps={(value) => {
              const at = x(Number(value));
              return { ...tick, textAnchor: at > inner.width - 14 ? 'end' : at < 6 ? 'start' : 'middle' };
            }}
          />
          <text x={inner.width} y={inner.height + 31} textAnchor="end" {...tick}>
            {props.xLabel}
          </text>
          {props.yLabel !== undefined && (
            <text x={Y_LABEL.left} y={-11} {...tick}>
              {props.yLabel}
            </text>
          )}
          {named.map(({ name, left, level }) => (
            <line
              key={name}
              x1={left}
              x2={left}
              y1={-6 - LINE_HEIGHT * level}
              y2={inner.height}
              strokeDasharray="3 3"
              style={{ stroke: 'var(--ink-3)' }}
            />
          ))}
          {named.map(({ name, textLeft, level }) => (
            <text
              key={name}
              x={textLeft}
              y={-11 - LINE_HEIGHT * level}
              {...tick}
              strokeWidth={4}
              style={{ stroke: 'var(--surface)', paintOrder: 'stroke' }}
            >
              {name}
            </text>
          ))}
          {hovered !== undefined && (
            <line x1={x(hovered)} x2={x(hovered)} y2={inner.height} stroke="var(--line-strong)" />
          )}
          {drag && (
            <rect
              x={Math.min(...drag)}
              width={Math.abs(drag[1] - drag[0])}
              height={inner.height}
              fill="var(--accent)"
              opacity={0.18}
            />
          )}
          <g clipPath={`url(#${clip})`}>
            {series.map(({ name, points, bounds, band, look }, index) =>
              !band || !bounds ? null : (
                <SeriesBand
                  key={name}
                  points={points
                    .map(([px, py], at) => [px, py, ...bounds[at]!] as const)
                    .filter(([px]) => !xLog || px > 0)}
                  {...{ x, y, step }}
                  look={look ?? seriesLook(index)}
                />
              ),
            )}
            {series.map((one, index) => {
              const points = one.points.filter(([px, py]) => (!xLog || px > 0) && (!yLog || py > 0));
              const shape = { points, x, y, look: one.look ?? seriesLook(index) };
              return (
                <g key={one.name}>
                  {!one.dots && <SeriesLine {...shape} step={step} width={LINE * (one.weight ?? 1)} />}
                  {(marked || one.dots) && <SeriesMarks {...shape} {...(one.dots && { size: 4.2 })} />}
                </g>
              );
            })}
          </g>
        </g>
      </svg>
      {props.onZoom && (
        <div role="group" aria-label="Zoom" className="mt-1 flex flex-wrap items-center gap-1.5 text-xs text-ink-3">
          <button type="button" className="button" aria-label="Zoom in" onClick={() => zoomBy(STEP)}>
            +
          </button>
          <button
            type="button"
            className="button"
            aria-label="Zoom out"
            disabled={!zoom}
            onClick={() => zoomBy(1 / STEP)}
          >
            −
          </button>
          <button type="button" className="button" disabled={!zoom} onClick={() => change(undefined)}>
            Show all
          </button>
          <span className="max-sm:hidden">Drag across the plot to zoom, double-click for all of it.</span>
        </div>
      )}
      {hovered !== undefined && drag === undefined && (
        <div
          role="status"
          className="figures pointer-events-none absolute top-1 z-10 max-w-[min(340px,90%)] rounded-lg border border-line bg-raised px-2.5 py-1.5 text-xs shadow-pop"
          style={
            x(hovered) > inner.width / 2
              ? { right: width - MARGIN.left - x(hovered) + 10 }
              : { left: MARGIN.left + x(hovered) + 10 }
          }
        >
          <div className="mb-0.5 text-ink-3">
            {props.xLabel} {short(hovered)}
          </div>
          {series.map((one, index) => {
            const at = placeOf(one, hovered, step);
            const value = one.points[at]?.[1];
            if (value === undefined) return null;
            const bounds = one.band ? one.bounds?.[at] : undefined;
            return (
              <div
                key={one.name}
                className={`grid items-center gap-x-2 ${banded ? 'grid-cols-[auto_minmax(0,1fr)_auto_92px]' : 'grid-cols-[auto_minmax(0,1fr)_auto]'}`}
              >
                <Swatch look={one.look ?? seriesLook(index)} {...swatchOf(one)} />
                <span className="truncate text-ink-2">{one.name}</span>
                <span className="font-semibold whitespace-nowrap">{write(value)}</span>
                {bounds && (
                  <span className="whitespace-nowrap text-ink-3">
                    {write(bounds[0]).replace('%', '')} – {write(bounds[1])}
                  </span>
                )}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

/** What a series that is more than a line among others shows of itself. */
export function swatchOf({ weight, dots }: Pick<ChartSeries, 'weight' | 'dots'>) {
  return { width: LINE * (weight ?? 1), line: !dots, mark: weight === undefined };
}

/** The place of the point whose value holds at x; -1 where none does. */
function placeOf({ points, dots }: ChartSeries, x: number, step: boolean): number {
  return step && !dots ? points.findLastIndex(([px]) => px <= x) : points.findIndex(([px]) => px === x);
}
