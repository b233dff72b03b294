'use client';

import { short } from '@rampart/charts';
import { AxisBottom } from '@visx/axis';
import { scaleLinear } from '@visx/scale';
import { useState } from 'react';

import { useWidth } from './use-width';

const MARGIN = { top: 6, right: 8, bottom: 22, left: 8 };

/** Counts in bins of equal width. */
export function Histogram(props: {
  readonly title: string;
  readonly height: number;
  readonly bins: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}) {
  const { bins, height } = props;
  const { ref, width } = useWidth<HTMLDivElement>(360);
  const [at, setAt] = useState<number>();
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const most = bins.reduce((max, bin) => Math.max(max, bin.count), 1);
  const x = scaleLinear<number>({ domain: [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1], range: [0, inner.width] });
  const y = scaleLinear<number>({ domain: [0, most], range: [inner.height, 0] });
  const bin = at === undefined ? undefined : bins[at];
  const total = bins.reduce((sum, one) => sum + one.count, 0);
  return (
    <div ref={ref} className="relative min-w-0">
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${props.title}: ${total} in ${bins.length} bins from ${short(x.domain()[0]!)} to ${short(x.domain()[1]!)}`}
        className="block max-w-full"
        onPointerLeave={() => setAt(undefined)}
        onPointerMove={(event) => {
          const place = event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left;
          setAt(Math.min(bins.length - 1, Math.max(0, Math.floor((place / inner.width) * bins.length))));
        }}
      >
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          {bins.map((one, index) => (
            <rect
              key={one.from}
              x={x(one.from) + 0.5}
              width={Math.max(1, x(one.to) - x(one.from) - 1)}
              y={y(one.count)}
              height={inner.height - y(one.count)}
              rx={1}
              fill="var(--accent)"
              opacity={at === index ? 1 : 0.65}
            />
          ))}
          <AxisBottom
            top={inner.height}
            scale={x}
            numTicks={5}
            stroke="var(--line-strong)"
            hideTicks
            tickFormat={(value) => short(Number(value))}
            tickLabelProps={{ fill: 'var(--ink-3)', fontSize: 11, fontFamily: 'inherit', textAnchor: 'middle', dy: -3 }}
          />
        </g>
      </svg>
      {bin && (
        <div
          role="status"
          className="figures pointer-events-none absolute top-0 right-0 rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-pop"
        >
          {short(bin.from)} – {short(bin.to)}: <strong>{bin.count}</strong>
        </div>
      )}
    </div>
  );
}
