'use client';

import type { LeaderboardRow } from '@rampart/api';
import Link from 'next/link';
import { memo, type ReactNode, useMemo } from 'react';

import { between, count, figure, moment, percent } from '@/components/format';
import { hiddenColumns } from '@/components/hidden-columns';
import { Icon } from '@/components/icon';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';
import { useGrowing } from '@/components/use-growing';

import type { Order } from './query';
import { sortingOf } from './ranked-rows';

/** The models in their order, as many as somebody looks at. */
export function Ranking(props: {
  readonly rows: readonly LeaderboardRow[];
  /** What they are ranked by. */
  readonly about: string;
  readonly certified: boolean;
}) {
  const { rows, about, certified } = props;
  const { params, set } = useSearchState({ local: true });
  const { order, descending } = sortingOf(params);
  const hide = params.get('hide');
  const hidden = useMemo(() => hiddenColumns({ get: () => hide }), [hide]);
  const { shown, left, more, end } = useGrowing(rows, params.toString());
  return (
    <div className="card overflow-x-auto" role="region" aria-label="Ranking" tabIndex={0}>
      <table className="figures w-full text-[13px]">
        <caption className="sr-only">Models by robust accuracy under {about}</caption>
        <thead>
          <tr className="border-b border-line text-right align-bottom text-xs text-ink-3">
            <th scope="col" className="px-2 py-2 sm:px-3 font-medium max-sm:hidden">
              #
            </th>
            <Head order="model" now={order} descending={descending} left>
              Model
            </Head>
            <Head order="robust" now={order} descending={descending}>
              Robust accuracy
            </Head>
            {certified && (
              <Head order="certified" now={order} descending={descending}>
                Certified
              </Head>
            )}
            {!hidden.has('clean') && (
              <Head order="clean" now={order} descending={descending}>
                Clean accuracy
              </Head>
            )}
            {!hidden.has('attacks') && (
              <th scope="col" className="px-2 py-2 sm:px-3 text-left font-medium max-lg:hidden">
                Attacks
              </th>
            )}
            {!hidden.has('cost') && (
              <Head order="cost" now={order} descending={descending} wide>
                Gradients
                <br />
                an instance
              </Head>
            )}
            {!hidden.has('run') && (
              <Head order="run" now={order} descending={descending} left wide>
                Run
              </Head>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {shown.map((row, index) => (
            <Row key={`${row.run.id}/${row.model}`} of={row} place={index + 1} hidden={hidden} certified={certified} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && (
        <p className="px-4 py-8 text-center text-[13px] text-ink-2">
          No model matches.{' '}
          <button
            type="button"
            className="link"
            onClick={() => set({ search: undefined, defended: undefined, established: undefined })}
          >
            Clear the filters
          </button>
        </p>
      )}
      {left > 0 && (
        <p ref={end} className="border-t border-line px-4 py-2 text-xs text-ink-3">
          {count(left, 'more model')}:{' '}
          <button type="button" className="link" onClick={more}>
            show more
          </button>
          , search for them, or take them away as a file.
        </p>
      )}
    </div>
  );
}

/**
 * Drawn again only where something about it changes: a letter in the search leaves most rows as they are. Nobody opens
 * all of their runs, so that none is asked for beforehand.
 */
const Row = memo(function Row(props: {
  readonly of: LeaderboardRow;
  readonly place: number;
  readonly hidden: ReadonlySet<string>;
  readonly certified: boolean;
}) {
  const { of, place, hidden, certified } = props;
  const { run, model, undefended, attacks, cleanAccuracy, robustAccuracy, attackable, doubts, gradients } = of;
  return (
    <tr className="text-right align-top hover:bg-sunken/60">
      <td className="px-2 py-2 sm:px-3 text-ink-3 max-sm:hidden">{place}</td>
      <th scope="row" className="min-w-28 px-2 sm:px-3 py-2 text-left font-medium">
        <Link href={`/runs/${run.id}`} prefetch={false} className="hover:text-accent hover:underline">
          <Label text={model} />
        </Link>
        {undefended && <span className="text-xs font-normal text-ink-3"> undefended</span>}
        <span className="block text-xs font-normal break-words text-ink-3 md:hidden">{run.name}</span>
      </th>
      <td className="px-2 py-2 sm:px-3">
        <span className="text-[15px] font-semibold">{percent(robustAccuracy.value)}</span>
        <span className="block text-[11px] whitespace-nowrap text-ink-3">
          {between(robustAccuracy.low, robustAccuracy.high)} of {attackable}
        </span>
        {doubts.length > 0 && (
          <span className="block text-[11px] font-semibold text-warn" title={doubts.join(', ')}>
            not established: {doubts.map((one) => one.replaceAll('-', ' ')).join(', ')}
          </span>
        )}
      </td>
      {certified && <Share of={of.certifiedAccuracy} />}
      {!hidden.has('clean') && <Share of={cleanAccuracy} />}
      {!hidden.has('attacks') && (
        <td className="max-w-72 px-2 sm:px-3 py-2 text-left text-xs break-words text-ink-2 max-lg:hidden">
          {attacks.join(', ')}
        </td>
      )}
      {!hidden.has('cost') && (
        <td className="px-2 py-2 sm:px-3 text-ink-2 max-md:hidden">
          {gradients === undefined ? '–' : figure(gradients, 'evaluations')}
        </td>
      )}
      {!hidden.has('run') && (
        <td className="px-2 py-2 sm:px-3 text-left text-ink-2 max-md:hidden">
          <Link href={`/runs/${run.id}`} prefetch={false} className="hover:text-accent hover:underline">
            {run.name}
          </Link>
          <span className="block text-xs whitespace-nowrap text-ink-3">
            {run.id.slice(-6)}, {moment(run.startedAt)}
          </span>
        </td>
      )}
    </tr>
  );
});

/** An accuracy with its interval, or that nobody knows it. */
function Share({ of }: { readonly of: LeaderboardRow['cleanAccuracy'] }) {
  return (
    <td className="px-2 py-2 sm:px-3">
      {of ? (
        <>
          {percent(of.value)}
          <span className="block text-[11px] whitespace-nowrap text-ink-3">{between(of.low, of.high)}</span>
        </>
      ) : (
        <span className="text-ink-3">–</span>
      )}
    </td>
  );
}

function Head(props: {
  readonly order: Order;
  readonly now: Order;
  readonly descending: boolean;
  readonly left?: boolean;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  const { set } = useSearchState({ local: true });
  const active = props.order === props.now;
  const next = active ? !props.descending : !props.left;
  return (
    <th
      scope="col"
      aria-sort={active ? (props.descending ? 'descending' : 'ascending') : undefined}
      className={`px-2 py-2 sm:px-3 font-medium ${props.left ? 'text-left' : ''} ${props.wide ? 'max-md:hidden' : ''}`}
    >
      <button
        type="button"
        className={`inline-flex items-center gap-1 hover:text-ink ${props.left ? '' : 'text-right'} ${active ? 'text-ink' : ''}`}
        onClick={() => set({ order: props.order, dir: next ? 'desc' : 'asc' })}
      >
        <span>{props.children}</span>
        {active && <Icon name={props.descending ? 'down' : 'up'} size={11} />}
      </button>
    </th>
  );
}
