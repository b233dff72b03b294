import type { AppRouter } from '@rampart/api';
import { short } from '@rampart/charts';
import type { inferProcedureOutput } from '@trpc/server';
import Link from 'next/link';

import { count, difference, duration, figure, metricName } from '@/components/format';
import { Icon } from '@/components/icon';
import { ModelTags } from '@/components/model/model-tags';
import { InspectionView } from '@/components/model/inspection-view';
import { Note } from '@/components/note';
import { PageHead } from '@/components/ui/page-head';
import { ForWriters } from '@/components/visitor';

import { HardenedFile } from './hardened-file';
import { InspectButton } from './inspect-button';

export type ModelDetails = inferProcedureOutput<AppRouter['models']['get']>;

/** All that is known of a model. */
export function ModelCard({ model }: { readonly model: ModelDetails }) {
  const swapped = model.engine === 'none';
  const [latest] = model.runs;
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 text-xs text-ink-3">
        <Link href="/models" className="hover:text-ink hover:underline">
          Models
        </Link>{' '}
        / <span className="figures">{model.artifact.slice(0, 12)}</span>
      </nav>
      <PageHead
        title={model.label}
        actions={
          <>
            {swapped && latest && (
              <ForWriters>
                <Link href={`/experiment?run=${latest.id}`} className="button">
                  <Icon name="plus" size={13} /> Harden it, or attack it anew
                </Link>
              </ForWriters>
            )}
            <a href={`/api/models/${model.artifact}`} className="button" download>
              <Icon name="download" size={13} /> Download as ONNX
            </a>
          </>
        }
      >
        seed {model.seed}, {swapped ? 'swapped in from a file' : `made by the ${model.engine} engine`}
        <ModelTags artifact={model.artifact} tags={model.tags} />
      </PageHead>
      <div className="-mt-3 mb-4">
        <Note about={{ model: model.artifact }} />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[340px_minmax(0,1fr)]">
        <div className="grid gap-5">
          <section aria-labelledby="origin" className="card p-4">
            <h2 id="origin" className="mb-2 text-sm font-semibold">
              Where it came from
            </h2>
            <dl className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-4 gap-y-1 text-[13px]">
              <Fact name="Parameters">{model.parameters.toLocaleString('en')}</Fact>
              {model.bytes !== undefined && <Fact name="Size">{size(model.bytes)}</Fact>}
              {model.madeBy && (
                <Fact name="Step">
                  {model.madeBy.label}, {duration(model.madeBy.seconds)}
                </Fact>
              )}
              {Object.entries(model.facts).map(([key, value]) => (
                <Fact key={key} name={key}>
                  {String(value)}
                </Fact>
              ))}
              <Fact name="SHA-256">
                <span className="font-mono text-xs break-all">{model.artifact}</span>
              </Fact>
            </dl>
            <Family title="Made from" members={model.parents} />
            <Family title="Made into" members={model.children} />
          </section>
          {model.broughtAs !== undefined && (
            <HardenedFile artifact={model.artifact} origin={model.broughtAs} written={model.hardened} />
          )}
          {!model.inspection && (
            <ForWriters>
              <InspectButton artifact={model.artifact} />
            </ForWriters>
          )}
        </div>
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-5">
          {model.runs.map((run, index) => (
            <details key={run.id} open={index === 0} className="card group min-w-0">
              <summary className="flex list-none flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 text-sm group-open:border-b group-open:border-line">
                <Icon
                  name="right"
                  size={11}
                  className="shrink-0 self-center text-ink-3 transition-transform group-open:rotate-90"
                />
                <span className="font-semibold">{run.name}</span>
                <span className="text-xs text-ink-3">
                  {run.dataset}
                  {run.labels.some((label) => label !== model.label) && `, as ${run.labels.join(', ')}`},{' '}
                  {count(run.figures.length, 'figure')}
                </span>
              </summary>
              <p className="px-4 pt-2 text-[13px]">
                <Link href={`/runs/${run.id}`} className="link">
                  The run
                </Link>
              </p>
              <FigureTable run={run} />
              {run.certificates.map((one) => (
                <Certified key={`${one.model} ${one.seed}`} of={one} />
              ))}
            </details>
          ))}
          {model.inspection && <InspectionView inspection={model.inspection} />}
        </div>
      </div>
    </>
  );
}

/** The figures of a model in a run: attacks against metrics. */
function FigureTable({ run }: { readonly run: ModelDetails['runs'][number] }) {
  const metrics = [...new Set(run.figures.map((one) => one.metric))];
  const rows = [...new Map(run.figures.map((one) => [`${one.attack}/${one.mode}`, one])).values()];
  return (
    <div className="overflow-x-auto">
      <table className="figures w-full text-[13px]">
        <caption className="sr-only">Every figure of this model in {run.name}</caption>
        <thead>
          <tr className="text-right align-bottom text-xs text-ink-3">
            <th scope="col" className="sticky left-0 bg-surface px-4 py-1.5 text-left font-medium">
              Attack
            </th>
            {metrics.map((metric) => (
              <th key={metric} scope="col" className="px-3 py-1.5 font-medium">
                {metricName(metric)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map(({ attack, mode, model }) => (
            <tr key={`${attack}/${mode}`} className="align-top">
              <th scope="row" className="sticky left-0 bg-surface px-4 py-1.5 text-left font-normal whitespace-nowrap">
                <Link
                  className="font-medium hover:text-accent hover:underline"
                  href={`/runs/${run.id}/matrix?${new URLSearchParams({ model, attack, ...(mode === 'static' && { mode: 'static' }) })}`}
                >
                  {attack === 'none' ? 'No attack' : attack === 'worst-case' ? 'Worst case' : attack}
                </Link>
                <span className="block text-xs text-ink-3">
                  {
                    {
                      clean: 'unmodified',
                      static: 'transfer',
                      adaptive: 'adaptive',
                      naive: 'naive',
                      transfer: 'transfer',
                    }[mode]
                  }
                </span>
              </th>
              {metrics.map((metric) => {
                const one = run.figures.find(
                  (found) => found.attack === attack && found.mode === mode && found.metric === metric,
                );
                return (
                  <td key={metric} className="px-3 py-1.5 text-right whitespace-nowrap">
                    {one ? (
                      <>
                        <span className="font-semibold">{figure(one.value, one.unit)}</span>
                        <span className="block text-[11px] text-ink-3">
                          {figure(one.low, one.unit)} – {figure(one.high, one.unit)}
                        </span>
                        {one.published && (
                          <span className="block text-[11px] text-ink-3">
                            pub. {figure(one.published.value, one.unit)}{' '}
                            <span className="font-semibold text-ink-2">
                              {difference(one.value - one.published.value, one.unit)}
                            </span>
                          </span>
                        )}
                      </>
                    ) : (
                      <span className="text-ink-3">–</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is certain of a smoothed model, at a few radii. */
function Certified({ of }: { readonly of: ModelDetails['runs'][number]['certificates'][number] }) {
  const last = of.curve.length - 1;
  const points = [...new Set([0, 1, 2, 3, 4].map((part) => Math.round((part * last) / 4)))].map((at) => of.curve[at]!);
  return (
    <section className="border-t border-line px-4 py-3 text-[13px]">
      <h3 className="font-semibold">Certified accuracy, seed {of.seed}</h3>
      <p className="mb-2 text-xs text-ink-3">
        Right whatever is done within an l2 distance, of {count(of.instances, 'instance')}: the vote of noisy copies
        (deviation {of.sigma}), {of.samples} a certificate, each wrong with a probability of {of.alpha} at most.
      </p>
      <dl className="figures flex flex-wrap gap-x-6 gap-y-1">
        {points.map(([radius, accuracy]) => (
          <div key={radius}>
            <dt className="text-xs text-ink-3">l2({short(radius)})</dt>
            <dd className="font-semibold">{figure(accuracy, 'fraction')}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-ink-3">{name}</dt>
      <dd className="figures min-w-0 break-words">{children}</dd>
    </div>
  );
}

function Family(props: {
  readonly title: string;
  readonly members: readonly { readonly artifact: string; readonly label: string; readonly seed: number }[];
}) {
  if (props.members.length === 0) return null;
  return (
    <div className="mt-3 border-t border-line pt-3">
      <h3 className="mb-1 text-xs font-medium text-ink-3">{props.title}</h3>
      <ul className="grid gap-0.5 text-[13px]">
        {props.members.map(({ artifact, label, seed }) => (
          <li key={artifact}>
            <Link href={`/models/${artifact}`} className="link">
              {label}
            </Link>{' '}
            <span className="text-xs text-ink-3">seed {seed}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function size(bytes: number): string {
  return bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${Math.max(1, Math.round(bytes / 1024))} KiB`;
}
