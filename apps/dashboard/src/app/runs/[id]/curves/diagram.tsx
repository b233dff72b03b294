'use client';

import { type AxisMark, type Domain, seriesLook, Swatch } from '@rampart/charts';
import type { ReactNode } from 'react';

import { type ChartSeries, LineChart, swatchOf } from '@/components/charts/line-chart';
import { Icon } from '@/components/icon';
import { useSearchState } from '@/components/search-state';
import { Stale } from '@/components/ui/stale';

import type { DiagramLook } from './diagrams';
import { downloadCsv, downloadPng, downloadSvg } from './export';

/** A line of a diagram. */
export interface DrawnSeries extends ChartSeries {
  readonly seeds: number;
  /** Observations behind each value, for the file. */
  readonly count?: number;
}

/** Lines with what can be done to them: switched off, on other scales, taken away as files, read as a table. */
export function Diagram(props: {
  /** Names its files. */
  readonly diagram: string;
  readonly look: DiagramLook;
  readonly series: readonly DrawnSeries[];
  readonly marks?: readonly AxisMark[];
  /** Whether the lines are of what was asked for before: no file is made of them under the name of what is asked now. */
  readonly stale?: boolean;
  readonly children?: ReactNode;
}) {
  const { diagram, look, series, stale = false } = props;
  const { params, set } = useSearchState();
  const hidden = new Set((params.get('hide') ?? '').split(',').filter(Boolean));
  const all = series.map((one, index) => ({ ...one, look: one.look ?? seriesLook(index) }));
  const shown = all.filter((_, index) => !hidden.has(String(index)));
  const toggle = (index: number) => {
    const next = new Set(hidden);
    if (!next.delete(String(index))) next.add(String(index));
    set({ hide: [...next].sort().join(',') || undefined });
  };
  const zoom = zoomOf(params.get('zoom'));
  const scales = look.wholeY ? (['x'] as const) : (['x', 'y'] as const);
  const scale = (axis: 'x' | 'y') => scales.some((one) => one === axis) && params.get(`log${axis}`) === '1';
  return (
    <section aria-label={look.title} className="card p-4">
      <header className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="text-sm font-semibold">
          {look.title}
          {series.some((one) => one.seeds > 1) && (
            <span className="font-normal text-ink-3">, means over the seeds</span>
          )}
        </h2>
        <div className="flex flex-wrap items-center gap-2">
          {scales.map((axis) => (
            <label key={axis} className="flex items-center gap-1.5 text-[13px] text-ink-2">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                checked={scale(axis)}
                onChange={(event) => set({ [`log${axis}`]: event.target.checked ? '1' : undefined, zoom: undefined })}
              />
              log {axis}
            </label>
          ))}
          <button
            type="button"
            className="button"
            disabled={stale}
            onClick={() => downloadSvg('diagram', diagram, look.title)}
          >
            <Icon name="download" size={13} /> SVG
          </button>
          <button
            type="button"
            className="button"
            disabled={stale}
            onClick={() => void downloadPng('diagram', diagram, look.title)}
          >
            <Icon name="download" size={13} /> PNG
          </button>
          <button
            type="button"
            className="button"
            disabled={stale}
            onClick={() => downloadCsv(shown, diagram, [look.xLabel, look.yLabel])}
          >
            <Icon name="download" size={13} /> CSV
          </button>
        </div>
      </header>
      <Stale when={stale}>
        <LineChart
          svgId="diagram"
          title={look.title}
          series={shown}
          height={400}
          xLabel={look.xLabel}
          yLabel={look.yLabel}
          yFormat={look.yFormat}
          step={look.step}
          xLog={scale('x')}
          yLog={scale('y')}
          xWhole={look.wholeX}
          zoom={zoom}
          onZoom={(to) => set({ zoom: to && to.map((place) => Number(place.toPrecision(6))).join('~') })}
          {...(props.marks && { marks: props.marks })}
          {...(look.yFormat === 'percent' && { yDomain: [0, 1] as const })}
        />
        <ul id="diagram-series" aria-label="Series" className="mt-3 flex flex-wrap gap-1.5">
          {all.map((one, index) => {
            const off = hidden.has(String(index));
            return (
              <li key={one.name}>
                <button
                  type="button"
                  aria-pressed={!off}
                  onClick={() => toggle(index)}
                  className={`flex items-center gap-2 rounded-md border px-2 py-1 text-xs ${off ? 'border-line text-ink-3 line-through' : 'border-line-strong text-ink'} hover:bg-sunken`}
                >
                  <span className={off ? 'opacity-40' : ''}>
                    <Swatch look={one.look} {...swatchOf(one)} />
                  </span>
                  {one.name}
                </button>
              </li>
            );
          })}
        </ul>
        {props.children}
        <Values look={look} series={shown} />
      </Stale>
    </section>
  );
}

/** `0.1~0.3` of an address. */
function zoomOf(text: string | null): Domain | undefined {
  const [from, to] = (text ?? '').split('~').map(Number);
  return text && from !== undefined && to !== undefined && from < to ? [from, to] : undefined;
}

function Values({ look, series }: { readonly look: DiagramLook; readonly series: readonly DrawnSeries[] }) {
  const bounded = series.some(({ bounds }) => bounds !== undefined);
  const heads = ['Series', look.xLabel, look.yLabel || 'y', ...(bounded ? ['from', 'to'] : [])];
  return (
    <details className="mt-3 text-[13px]">
      <summary className="text-ink-2 hover:text-ink">The values as a table</summary>
      <div className="mt-2 max-h-80 overflow-auto">
        <table className="figures w-full text-xs">
          <thead className="sticky top-0 bg-surface text-left text-ink-3">
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col" className="py-1 pr-4 font-medium last:pr-0">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {series.flatMap((one) =>
              one.points.map(([x, y], index) => (
                <tr key={`${one.name}/${x}`} className="border-t border-line">
                  <td className="py-0.5 pr-4">{one.name}</td>
                  <td className="py-0.5 pr-4">{x}</td>
                  <td className="py-0.5 pr-4 last:pr-0">{y}</td>
                  {bounded &&
                    [0, 1].map((side) => (
                      <td key={side} className="py-0.5 pr-4 last:pr-0">
                        {one.bounds?.[index]?.[side]}
                      </td>
                    ))}
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}
