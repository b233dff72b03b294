'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { useTRPC } from '@/client/trpc';
import { type ChartSeries, LineChart, Swatch } from '@/components/charts/line-chart';
import { seriesLook } from '@/components/charts/palette';
import { MODE_TEXT } from '@/components/format';
import { Icon } from '@/components/icon';
import { useSearchState } from '@/components/search-state';
import { Empty } from '@/components/ui/empty';
import { Segments } from '@/components/ui/segments';

import { ATTACK_LOSS, ATTACK_LOSS_TEXT, type Budget, BUDGETS, diagramLook } from './diagrams';
import { downloadCsv, downloadSvg } from './export';

/** Diagrams of a run: what it recorded, and what its instances tell. */
export function Curves({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const { data, error } = useQuery(trpc.curves.recorded.queryOptions({ id }));
  const recorded = data?.diagrams ?? [];
  const isLoss = (name: string) => name.startsWith(`${ATTACK_LOSS}: `);
  const losses = recorded.flatMap((one) => (isLoss(one.diagram) ? [one.diagram.slice(ATTACK_LOSS.length + 2)] : []));
  const evaluated = data?.attacks ?? [];
  const choices = [
    ...recorded.map((one) => one.diagram).filter((one) => !isLoss(one)),
    ...(losses.length > 0 ? [ATTACK_LOSS] : []),
    ...(evaluated.length > 0 ? BUDGETS : []),
  ];
  const wanted = params.get('diagram');
  const preferred =
    choices.find((one) => one.startsWith('recall-')) ?? choices.find((one) => one === 'distortion') ?? choices[0];
  const diagram = choices.find((one) => one === wanted) ?? preferred;
  const budget = BUDGETS.find((one) => one === diagram);
  const attacks = diagram === ATTACK_LOSS ? losses : evaluated;
  const attack =
    attacks.find((one) => one === params.get('attack')) ?? attacks.find((one) => one === 'adam') ?? attacks[0];
  const mode = params.get('mode') === 'static' ? 'static' : 'adaptive';
  const made = useQuery(
    trpc.curves.budget.queryOptions(
      { id, attack: attack ?? 'none', mode, budget: (budget ?? 'distortion') as Budget },
      { enabled: budget !== undefined && attack !== undefined, placeholderData: keepPreviousData },
    ),
  );
  if (error)
    return (
      <Empty tone="bad" title="The curves cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  if (diagram === undefined) {
    return (
      <Empty icon="clock" title="No curves yet">
        Training curves appear when the first model is trained, the others with the first attack.
      </Empty>
    );
  }
  const name = diagram === ATTACK_LOSS ? `${ATTACK_LOSS}: ${attack}` : diagram;
  const series = budget ? (made.data ?? []) : (recorded.find((one) => one.diagram === name)?.series ?? []);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label="Diagram"
          value={diagram}
          options={choices.map((one) => [one, diagramLook(one).title] as const)}
          onChange={(value) => set({ diagram: value, hide: undefined })}
        />
        {(budget ?? diagram === ATTACK_LOSS) && (
          <select
            className="field"
            aria-label="Attack"
            value={attack}
            onChange={(event) => set({ attack: event.target.value })}
          >
            {attacks.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
        {budget && (
          <Segments
            label="Examples"
            value={mode}
            options={[
              ['adaptive', 'White-box'],
              ['static', 'Transfer'],
            ]}
            onChange={(value) => set({ mode: value === 'adaptive' ? undefined : value })}
          />
        )}
      </div>
      {budget && <p className="-mt-1 text-xs text-ink-3">{MODE_TEXT[mode]}</p>}
      {diagram === ATTACK_LOSS && (
        <p className="-mt-1 max-w-4xl text-xs text-ink-3">
          {ATTACK_LOSS_TEXT} {MODE_TEXT.adaptive}
        </p>
      )}
      {budget && made.isPending ? (
        <div className="skeleton h-[440px]" />
      ) : (
        <Diagram diagram={diagram} series={series} />
      )}
    </div>
  );
}

interface NamedSeries {
  readonly name: string;
  readonly seeds: number;
  readonly points: readonly (readonly [number, number])[];
}

function Diagram({ diagram, series }: { readonly diagram: string; readonly series: readonly NamedSeries[] }) {
  const { params, set } = useSearchState();
  const look = diagramLook(diagram);
  const hidden = new Set((params.get('hide') ?? '').split(',').filter(Boolean));
  const all: ChartSeries[] = series.map(({ name, points }, index) => ({ name, points, look: seriesLook(index) }));
  const shown = all.filter((_, index) => !hidden.has(String(index)));
  const toggle = (index: number) => {
    const next = new Set(hidden);
    if (!next.delete(String(index))) next.add(String(index));
    set({ hide: [...next].sort().join(',') || undefined });
  };
  const scale = (axis: 'x' | 'y') => params.get(`log${axis}`) === '1';
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
          {(['x', 'y'] as const).map((axis) => (
            <label key={axis} className="flex items-center gap-1.5 text-[13px] text-ink-2">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                checked={scale(axis)}
                onChange={(event) => set({ [`log${axis}`]: event.target.checked ? '1' : undefined })}
              />
              log {axis}
            </label>
          ))}
          <button type="button" className="button" onClick={() => downloadSvg('diagram', diagram)}>
            <Icon name="download" size={13} /> SVG
          </button>
          <button
            type="button"
            className="button"
            onClick={() => downloadCsv(shown, diagram, [look.xLabel, look.yLabel])}
          >
            <Icon name="download" size={13} /> CSV
          </button>
        </div>
      </header>
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
        {...(look.yFormat === 'percent' && { yDomain: [0, 1] as const })}
      />
      <ul aria-label="Series" className="mt-3 flex flex-wrap gap-1.5">
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
                  <Swatch look={one.look!} />
                </span>
                {one.name}
              </button>
            </li>
          );
        })}
      </ul>
      <details className="mt-3 text-[13px]">
        <summary className="text-ink-2 hover:text-ink">The values as a table</summary>
        <div className="mt-2 max-h-80 overflow-auto">
          <table className="figures w-full text-xs">
            <thead className="sticky top-0 bg-surface text-left text-ink-3">
              <tr>
                <th scope="col" className="py-1 pr-4 font-medium">
                  Series
                </th>
                <th scope="col" className="py-1 pr-4 font-medium">
                  {look.xLabel}
                </th>
                <th scope="col" className="py-1 font-medium">
                  {look.yLabel || 'y'}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.flatMap((one) =>
                one.points.map(([x, y]) => (
                  <tr key={`${one.name}/${x}`} className="border-t border-line">
                    <td className="py-0.5 pr-4">{one.name}</td>
                    <td className="py-0.5 pr-4">{x}</td>
                    <td className="py-0.5">{y}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
