import type { AppRouter } from '@rampart/api';
import type { inferProcedureOutput } from '@trpc/server';
import Link from 'next/link';
import type { ReactNode } from 'react';

import { percent } from '../format';
import { Label } from '../label';
import { TagLinks } from '../tag-links';

type ModelEntry = inferProcedureOutput<AppRouter['models']['ofRun']>[number];

interface Column {
  readonly id: string;
  readonly name: string;
  /** There only where there is room: the card has it all. */
  readonly wide: boolean;
  readonly of: (model: ModelEntry) => ReactNode;
}

export const MODEL_COLUMNS: readonly Column[] = [
  { id: 'seed', name: 'Seed', wide: true, of: ({ seed }) => seed },
  { id: 'dataset', name: 'Dataset', wide: true, of: ({ dataset }) => <Label text={dataset ?? '–'} /> },
  { id: 'maker', name: 'Made by', wide: true, of: makerOf },
  { id: 'parameters', name: 'Parameters', wide: true, of: ({ parameters }) => parameters.toLocaleString('en') },
  {
    id: 'clean-error',
    name: 'Clean error',
    wide: false,
    of: ({ cleanError }) =>
      cleanError ? (
        <>
          <strong className="font-semibold">{percent(cleanError.value)}</strong>{' '}
          <span className="text-xs text-ink-3 max-sm:block">
            {percent(cleanError.low)} – {percent(cleanError.high)}
          </span>
        </>
      ) : (
        '–'
      ),
  },
  {
    id: 'facts',
    name: 'From its making',
    wide: true,
    of: ({ facts }) =>
      Object.entries(facts)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ') || '–',
  },
];

/**
 * Models with where they came from, each leading to its card.
 * @param head what stands over a column, where that is more than its name
 */
export function ModelTable(props: {
  readonly models: readonly ModelEntry[];
  readonly hidden?: ReadonlySet<string>;
  readonly head?: (id: string, name: string) => { readonly content: ReactNode; readonly sorted?: Sorted };
}) {
  const { models, hidden, head = (_id, name) => ({ content: name }) } = props;
  const columns = MODEL_COLUMNS.filter(({ id }) => !hidden?.has(id));
  const th = (id: string, name: string, wide: boolean) => {
    const { content, sorted }: { readonly content: ReactNode; readonly sorted?: Sorted } = head(id, name);
    return (
      <th
        key={id}
        scope="col"
        aria-sort={sorted}
        className={`px-3 py-2 font-medium whitespace-nowrap ${wide ? 'max-sm:hidden' : ''}`}
      >
        {content}
      </th>
    );
  };
  return (
    <div className="card overflow-x-auto">
      <table className="w-full text-[13px] sm:min-w-[640px]">
        <caption className="sr-only">Models</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-3">
            {th('label', 'Model', false)}
            {columns.map(({ id, name, wide }) => th(id, name, wide))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {models.map((model) => (
            <tr key={`${model.runId}/${model.label}/${model.seed}`} className="align-top hover:bg-sunken/60">
              <th scope="row" className="px-3 py-2 text-left font-normal">
                <Link href={`/models/${model.artifact}`} className="font-semibold hover:text-accent hover:underline">
                  <Label text={model.label} />
                </Link>
                <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-3">
                  <span className="figures">{model.artifact.slice(0, 12)}</span>
                  <span className="wrap-anywhere sm:hidden">{model.dataset}</span>
                  <TagLinks tags={model.tags} to={(tag) => `/models?tag=${encodeURIComponent(tag)}`} />
                </div>
              </th>
              {columns.map(({ id, wide, of }) => (
                <td key={id} className={`figures max-w-72 px-3 py-2 text-ink-2 ${wide ? 'max-sm:hidden' : ''}`}>
                  {of(model)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Sorted = 'ascending' | 'descending' | undefined;

function makerOf({ engine, parents }: ModelEntry): string {
  if (engine === 'none') return 'swapped in';
  return parents.length > 0 ? `defense, ${engine} engine` : `training, ${engine} engine`;
}
