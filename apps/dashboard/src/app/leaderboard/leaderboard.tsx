'use client';

import type { LeaderboardRow } from '@rampart/api';
import { short } from '@rampart/charts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useMemo, useState } from 'react';

import { useTRPC } from '@/client/trpc';
import { between, count, figure, MODE_TEXT, moment, percent } from '@/components/format';
import { Columns } from '@/components/columns';
import { hiddenColumns } from '@/components/hidden-columns';
import { Icon } from '@/components/icon';
import { Label } from '@/components/label';
import { csvText, markdownText, saveFile } from '@/components/save-file';
import { SavedViews } from '@/components/saved-views';
import { useSearchState } from '@/components/search-state';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Segments } from '@/components/ui/segments';

import { leaderboardQuery, type Order, ORDERS } from './query';

/** Rows that are drawn; more are a search away, and all of them are in the files. */
const SHOWN = 500;

const COLUMNS = [
  ['certified', 'Certified accuracy'],
  ['clean', 'Clean accuracy'],
  ['attacks', 'Attacks'],
  ['cost', 'Gradients an instance'],
  ['run', 'Run'],
] as const;

/** Every model of every run, ranked by what withstands a threat or an epsilon. */
export function Leaderboard() {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const query = leaderboardQuery(params);
  const { data, error } = useQuery(trpc.leaderboard.rows.queryOptions(query, { placeholderData: keepPreviousData }));
  const order = ORDERS.find((one) => one === params.get('order')) ?? 'robust';
  const descending = params.get('dir') ? params.get('dir') === 'desc' : !['model', 'run'].includes(order);
  const search = (params.get('search') ?? '').toLowerCase();
  const defended = params.get('defended') === '1';
  const established = params.get('established') === '1';
  const hidden = hiddenColumns(params);
  const rows = useMemo(() => {
    const found = (data?.rows ?? []).filter(
      (one) =>
        (!defended || !one.undefended) &&
        (!established || one.doubts.length === 0) &&
        (search === '' ||
          [one.model, one.run.name, one.attacks.join(), ...one.run.tags].join(' ').toLowerCase().includes(search)),
    );
    return found.toSorted((a, b) => (descending ? -1 : 1) * compared(keyOf(a, order), keyOf(b, order)));
  }, [data, defended, established, search, order, descending]);
  if (error)
    return (
      <Empty tone="bad" title="The leaderboard cannot be read" whole>
        {error.message}
      </Empty>
    );
  if (!data) return null;
  const datasets = [...new Set(data.facets.map((one) => one.dataset))];
  const threats = data.facets.filter((one) => one.dataset === data.dataset);
  const about = query.at ? `${query.at.norm}(${short(query.at.epsilon)})` : (data.threat ?? 'whatever the distance');
  const certified = !hidden.has('certified') && rows.some((one) => one.certifiedAccuracy !== undefined);
  const severalAttacks = new Set(rows.map((one) => one.attacks.join())).size > 1;
  const table = () => tableOf(rows, data.dataset ?? '', about);
  const name = `leaderboard-${about.replace(/[^\w.-]+/g, '-').replace(/-$/, '')}`;
  return (
    <>
      <PageHead
        title="Leaderboard"
        actions={
          <>
            <SavedViews place="leaderboard" />
            <Columns all={COLUMNS} />
            <button
              type="button"
              className="button"
              onClick={() => saveFile(csvText(table()), `${name}.csv`, 'text/csv')}
            >
              <Icon name="download" size={13} /> CSV
            </button>
            <button
              type="button"
              className="button"
              onClick={() => saveFile(markdownText(table()), `${name}.md`, 'text/markdown')}
            >
              <Icon name="download" size={13} /> Markdown
            </button>
          </>
        }
      >
        Every model of every run, by what stays right under every attack, of the instances that could be attacked.
      </PageHead>
      {data.dataset === undefined ? (
        <Empty icon="clock" title="Nothing to rank yet">
          A model appears here as soon as a run has attacked it.
        </Empty>
      ) : (
        <>
          <form
            role="search"
            aria-label="Leaderboard"
            className="mb-3 flex flex-wrap items-center gap-2"
            onSubmit={(event) => event.preventDefault()}
          >
            <select
              className="field max-w-full min-w-0"
              aria-label="Dataset"
              value={data.dataset}
              onChange={(event) =>
                set({ dataset: event.target.value, threat: undefined, norm: undefined, epsilon: undefined })
              }
            >
              {datasets.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
            <select
              className="field"
              aria-label="Threat"
              value={query.at ? '' : (data.threat ?? 'any')}
              onChange={(event) =>
                set({
                  threat: event.target.value === 'any' ? undefined : event.target.value,
                  norm: undefined,
                  epsilon: undefined,
                })
              }
            >
              {query.at && <option value="">{about}</option>}
              {threats.map(({ threat, models }) => (
                <option key={threat ?? 'any'} value={threat ?? 'any'}>
                  {threat ?? 'whatever the distance'} ({models})
                </option>
              ))}
            </select>
            <Segments
              label="Examples"
              value={query.mode ?? 'adaptive'}
              options={[
                ['adaptive', 'Adaptive'],
                ['static', 'Transfer'],
              ]}
              onChange={(mode) => set({ mode: mode === 'adaptive' ? undefined : mode })}
            />
            <input
              type="search"
              className="field min-w-0 flex-1 basis-44 sm:max-w-60"
              placeholder="Model, run, attack, tag"
              aria-label="Search the leaderboard"
              defaultValue={params.get('search') ?? ''}
              onChange={(event) => set({ search: event.target.value })}
            />
            <Check label="defenses only" on={defended} onChange={(on) => set({ defended: on ? '1' : undefined })} />
            <Check
              label="established only"
              on={established}
              onChange={(on) => set({ established: on ? '1' : undefined })}
            />
            <Check
              label="archived too"
              on={query.archived === true}
              onChange={(on) => set({ archived: on ? '1' : undefined })}
            />
          </form>
          {data.norms.length > 0 && (
            <EpsilonSlider
              norms={data.norms}
              at={query.at}
              onChange={(norm, epsilon) => set({ norm, epsilon: String(epsilon), threat: undefined })}
            />
          )}
          <p className="mb-2 text-xs text-ink-3">
            {count(rows.length, 'model')}, {about}. {MODE_TEXT[query.mode ?? 'adaptive']}
            {severalAttacks && ' Not all were attacked by the same: a figure under fewer attacks is no better for it.'}
            {certified &&
              ' Certified: of the same instances, right whatever the attack, by randomised smoothing; a bound from below.'}
            {data.threat === undefined &&
              !query.at &&
              ' Without a threat every example counts, however far it is from its original.'}
          </p>
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
                {rows.slice(0, SHOWN).map((row, index) => (
                  <Row
                    key={`${row.run.id}/${row.model}`}
                    of={row}
                    place={index + 1}
                    hidden={hidden}
                    certified={certified}
                  />
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
            {rows.length > SHOWN && (
              <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
                {count(rows.length - SHOWN, 'more model')}: search for them, or take them away as a file.
              </p>
            )}
          </div>
        </>
      )}
    </>
  );
}

function Row(props: {
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
        <Link href={`/runs/${run.id}`} className="hover:text-accent hover:underline">
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
          <Link href={`/runs/${run.id}`} className="hover:text-accent hover:underline">
            {run.name}
          </Link>
          <span className="block text-xs whitespace-nowrap text-ink-3">
            {run.id.slice(-6)}, {moment(run.startedAt)}
          </span>
        </td>
      )}
    </tr>
  );
}

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
  readonly children: React.ReactNode;
}) {
  const { set } = useSearchState();
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

function Check(props: { readonly label: string; readonly on: boolean; readonly onChange: (on: boolean) => void }) {
  return (
    <label className="flex items-center gap-1.5 text-[13px] text-ink-2">
      <input
        type="checkbox"
        className="size-4 accent-(--accent)"
        checked={props.on}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

/** Places of the slider, from just above nothing to the largest epsilon of a threat. */
const PLACES = 50;

function EpsilonSlider(props: {
  readonly norms: readonly { readonly norm: 'l0' | 'l1' | 'l2' | 'linf'; readonly epsilon: number }[];
  readonly at: { readonly norm: string; readonly epsilon: number } | undefined;
  readonly onChange: (norm: string, epsilon: number) => void;
}) {
  const { norms, at, onChange } = props;
  const chosen = norms.find((one) => one.norm === at?.norm) ?? norms[0]!;
  const placeOf = (epsilon: number) => Math.min(PLACES, Math.max(1, Math.round((epsilon / chosen.epsilon) * PLACES)));
  const epsilonAt = (place: number) => Number(((place / PLACES) * chosen.epsilon).toPrecision(3));
  const now = at ? placeOf(at.epsilon) : PLACES;
  const [place, setPlace] = useState(now);
  useEffect(() => setPlace(now), [now]);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 text-[13px] text-ink-2">
      <span>At any epsilon, from the curves:</span>
      <select
        className="field"
        aria-label="Norm"
        value={chosen.norm}
        onChange={(event) => {
          const next = norms.find((one) => one.norm === event.target.value)!;
          onChange(next.norm, next.epsilon);
        }}
      >
        {norms.map(({ norm }) => (
          <option key={norm}>{norm}</option>
        ))}
      </select>
      <input
        type="range"
        aria-label="Epsilon"
        aria-valuetext={short(epsilonAt(place))}
        className="w-48 min-w-0 flex-1 accent-(--accent) sm:max-w-80"
        min={1}
        max={PLACES}
        value={place}
        onChange={(event) => setPlace(Number(event.target.value))}
        onPointerUp={() => onChange(chosen.norm, epsilonAt(place))}
        onKeyUp={() => onChange(chosen.norm, epsilonAt(place))}
      />
      <output className="figures w-24 font-semibold text-ink">{short(epsilonAt(place))}</output>
    </div>
  );
}

function keyOf(row: LeaderboardRow, order: Order): string | number {
  switch (order) {
    case 'robust':
      return row.robustAccuracy.value;
    case 'certified':
      return row.certifiedAccuracy?.value ?? -1;
    case 'clean':
      return row.cleanAccuracy?.value ?? -1;
    case 'cost':
      return row.gradients ?? -1;
    case 'started':
      return row.run.startedAt;
    case 'run':
      return row.run.name.toLowerCase();
    case 'model':
      return row.model.toLowerCase();
  }
}

function compared(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As a file: rates from 0 to 1, with their intervals. */
function tableOf(rows: readonly LeaderboardRow[], dataset: string, threat: string): (string | number)[][] {
  const rounded = (value: number | undefined) => (value === undefined ? '' : Number(value.toPrecision(6)));
  const shareOf = (one: LeaderboardRow['cleanAccuracy']) => [one?.value, one?.low, one?.high].map(rounded);
  return [
    [
      ...['model', 'undefended', 'run', 'run id', 'dataset', 'threat', 'attacks'],
      ...[
        'robust accuracy',
        'low',
        'high',
        'n',
        'certified accuracy',
        'low',
        'high',
        'clean accuracy',
        'low',
        'high',
        'open findings',
        'gradients',
      ],
    ],
    ...rows.map((row) => [
      ...[row.model, row.undefended ? 'yes' : 'no', row.run.name, row.run.id, dataset, threat, row.attacks.join('; ')],
      ...[
        ...shareOf(row.robustAccuracy),
        row.attackable,
        ...shareOf(row.certifiedAccuracy),
        ...shareOf(row.cleanAccuracy),
      ],
      ...[row.doubts.join('; '), rounded(row.gradients)],
    ]),
  ];
}
