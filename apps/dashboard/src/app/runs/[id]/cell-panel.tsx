'use client';

import type { DoubtfulFigure } from '@rampart/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useRef } from 'react';

import { useTRPC } from '@/client/trpc';
import { Histogram } from '@/components/charts/histogram';
import { LineChart } from '@/components/charts/line-chart';
import { UNMOVED_TEXT } from '@/components/gallery/triptych';
import { difference, duration, figure, metricName, MODE_TEXT } from '@/components/format';
import { Icon } from '@/components/icon';
import { useSearchState } from '@/components/search-state';

import { ATTACK_LOSS_TEXT } from './curves/diagrams';
import { FindingsAbout } from './findings';
import { Versions } from './made-with';
import type { CellAddress } from './matrix-query';

/** Everything behind one cell: figures, parameters, cost, convergence, and the way to its instances. */
export function CellPanel(props: {
  readonly id: string;
  readonly cell: CellAddress;
  readonly doubt: DoubtfulFigure | undefined;
}) {
  const { id, cell, doubt } = props;
  const trpc = useTRPC();
  const { set } = useSearchState();
  const { data, error, isPending } = useQuery(trpc.runs.cell.queryOptions({ id, ...cell }));
  const panel = useRef<HTMLElement>(null);
  const unmoved = data?.seeds.some(({ outcomes }) => outcomes.unmoved > 0);
  const published = data?.figures.some((one) => one.published);
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      set({ model: undefined, attack: undefined });
    };
    document.addEventListener('keydown', escape);
    return () => document.removeEventListener('keydown', escape);
  }, [set]);
  // Below the matrix where there is no room beside it: brought into sight there.
  useEffect(() => {
    const top = panel.current?.getBoundingClientRect().top ?? 0;
    if (top > window.innerHeight - 160) panel.current?.scrollIntoView({ block: 'start' });
  }, [cell.model, cell.attack, cell.mode]);
  return (
    <aside ref={panel} aria-label="Details of the cell" className="card w-full scroll-mt-16 min-[1400px]:w-[370px]">
      <header className="flex items-start justify-between gap-3 border-b border-line px-4 py-2.5">
        <div className="min-w-0">
          <h2 className="text-sm font-semibold break-words">{cell.model}</h2>
          <p className="text-[13px] break-words text-ink-2">
            {cell.attack === 'none'
              ? 'without an attack'
              : cell.attack === 'worst-case'
                ? 'worst case over the attacks'
                : `under ${cell.attack}`}
            {cell.mode !== 'clean' && `, ${cell.mode === 'adaptive' ? 'adaptive' : 'transfer'}`}
          </p>
        </div>
        <button
          type="button"
          aria-label="Close the details"
          className="grid size-7 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-sunken hover:text-ink"
          onClick={() => set({ model: undefined, attack: undefined })}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      {doubt && <FindingsAbout id={id} about={doubt} />}
      {error && <p className="p-4 text-[13px] text-bad">{error.message}</p>}
      {isPending && <div className="skeleton m-4 h-40" />}
      {data && (
        // One column beside the matrix and on a phone, two below the matrix where there is room.
        <div className="grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-5 p-4 lg:max-[1400px]:grid-cols-[repeat(2,minmax(0,1fr))]">
          <div className="grid content-start gap-5">
            <p className="text-xs text-ink-3">{MODE_TEXT[cell.mode]}</p>
            <table className="figures w-full text-[13px]">
              <caption className="sr-only">Figures</caption>
              <thead className="text-xs text-ink-3">
                <tr>
                  <th scope="col" className="pb-1 text-left font-medium">
                    Metric
                  </th>
                  <th scope="col" className="pb-1 text-right font-medium">
                    Measured, 95% interval
                  </th>
                  {published && (
                    <th scope="col" className="pb-1 pl-3 text-right font-medium">
                      Published
                    </th>
                  )}
                </tr>
              </thead>
              <tbody>
                {data.figures.map((one) => (
                  <tr key={one.metric} className="border-t border-line">
                    <th scope="row" className="py-1 text-left font-normal text-ink-2">
                      {metricName(one.metric)}
                      {one.unit === 'pixel units' && <span className="text-ink-3">, in {one.unit}</span>}
                    </th>
                    <td className="py-1 text-right">
                      <span className="font-semibold">{figure(one.value, one.unit)}</span>
                      <span className="block text-[11px] whitespace-nowrap text-ink-3">
                        {figure(one.low, one.unit)} – {figure(one.high, one.unit)}
                      </span>
                    </td>
                    {published && (
                      <td className="py-1 pl-3 text-right whitespace-nowrap">
                        {one.published ? (
                          <>
                            {figure(one.published.value, one.unit)}{' '}
                            <span className="text-xs text-ink-3">
                              {difference(one.value - one.published.value, one.unit)}
                            </span>
                          </>
                        ) : (
                          <span className="text-ink-3">–</span>
                        )}
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
            <table className="figures w-full text-[13px]">
              <caption className="mb-1 text-left text-xs font-medium text-ink-2">By seed</caption>
              <thead className="text-xs text-ink-3">
                <tr className="text-right">
                  <th scope="col" className="pb-1 text-left font-medium">
                    Seed
                  </th>
                  <th scope="col" className="pb-1 font-medium">
                    Evaded
                  </th>
                  <th scope="col" className="pb-1 font-medium">
                    Resisted
                  </th>
                  {unmoved && (
                    <th scope="col" className="pb-1 font-medium" title={UNMOVED_TEXT}>
                      Not attacked
                    </th>
                  )}
                  <th scope="col" className="pb-1 font-medium">
                    Took
                  </th>
                  <th scope="col" className="pb-1 font-medium">
                    <span className="sr-only">Instances</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.seeds.map((one) => {
                  const total = Object.values(one.outcomes).reduce((sum, count) => sum + count, 0);
                  return (
                    <tr key={one.seed} className="border-t border-line text-right">
                      <th scope="row" className="py-1 text-left font-normal">
                        {one.seed}
                      </th>
                      <td className="py-1">{total > 0 ? one.outcomes.evaded.toLocaleString('en') : '–'}</td>
                      <td className="py-1">{total > 0 ? one.outcomes.resisted.toLocaleString('en') : '–'}</td>
                      {unmoved && <td className="py-1">{one.outcomes.unmoved.toLocaleString('en')}</td>}
                      <td className="py-1 whitespace-nowrap" title={one.steps.map((step) => step.label).join('\n')}>
                        {duration(one.steps.reduce((sum, step) => sum + step.seconds, 0))}
                      </td>
                      <td className="py-1">
                        {total > 0 && (
                          <Link
                            className="link"
                            href={`/runs/${id}/gallery?${new URLSearchParams({ model: cell.model, attack: cell.attack, mode: cell.mode, seed: String(one.seed) })}`}
                          >
                            examples
                          </Link>
                        )}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            <Parameters title="Attack" spec={data.attackSpec} />
            <Parameters title="Model" spec={data.modelSpec} />
            <section aria-label="Versions">
              <h3 className="mb-1 text-xs font-medium text-ink-2">Made with</h3>
              <Versions of={data.madeWith} />
            </section>
          </div>
          <div className="grid content-start gap-5">
            {data.convergence.length > 1 && (
              <figure>
                <figcaption className="mb-1 text-xs font-medium text-ink-2">
                  Instances that had evaded, by iteration
                </figcaption>
                <LineChart
                  height={150}
                  title="Share of attacked instances that had evaded, by iteration"
                  xLabel="iterations"
                  yFormat="percent"
                  yDomain={[0, 1]}
                  step
                  series={[
                    { name: 'evaded', points: data.convergence.map((one) => [one.iterations, one.evaded] as const) },
                  ]}
                />
              </figure>
            )}
            {data.losses.length > 1 && (
              <figure>
                <figcaption className="mb-1 text-xs font-medium text-ink-2" title={ATTACK_LOSS_TEXT}>
                  Loss of the attack: mean signed margin, below 0 where it evades
                </figcaption>
                <LineChart
                  height={150}
                  title="Mean signed margin of the attacked instances, by evaluations of the model"
                  xLabel="evaluations of the model"
                  series={[{ name: 'margin', points: data.losses }]}
                />
              </figure>
            )}
            {data.distortions.length > 0 && (
              <figure>
                <figcaption className="mb-1 text-xs font-medium text-ink-2">Evading instances by distortion</figcaption>
                <Histogram height={120} title="Evading instances by distortion" bins={data.distortions} />
              </figure>
            )}
          </div>
        </div>
      )}
    </aside>
  );
}

type Spec = { readonly name: string; readonly params: Readonly<Record<string, unknown>> } | undefined;

function Parameters({ title, spec }: { readonly title: string; readonly spec: Spec }) {
  const entries = Object.entries(spec?.params ?? {});
  if (!spec || entries.length === 0) return null;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-[13px]">
      <dt className="text-ink-3">{title}</dt>
      <dd className="font-medium">{spec.name}</dd>
      {entries.map(([key, value]) => (
        <div key={key} className="contents">
          <dt className="pl-3 text-ink-3">{key}</dt>
          <dd className="figures break-words">{written(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(written).join(', ');
  const { name, params } = value as { name?: string; params?: object };
  const inner = Object.entries(params ?? {}).map(([key, one]) => `${key}=${written(one)}`);
  return inner.length > 0 ? `${name}(${inner.join(', ')})` : String(name);
}
