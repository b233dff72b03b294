'use client';

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import type { AppRouter } from '@rampart/api';
import type { inferProcedureOutput } from '@trpc/server';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { Fragment, type ReactNode, useEffect, useRef, useState } from 'react';

import { useTRPC } from '@/client/trpc';
import { between, count, duration, moment, percent } from '@/components/format';
import { Columns } from '@/components/columns';
import { Copyable, quoted } from '@/components/copyable';
import { hiddenColumns } from '@/components/hidden-columns';
import { Icon } from '@/components/icon';
import { rememberRunList } from '@/components/last-run-list';
import { JobNotice } from '@/components/model/job-notice';
import { useJob } from '@/components/model/use-inspection';
import { ProgressBar } from '@/components/progress-bar';
import { RunActions } from '@/components/run-actions';
import { RUN_STATES, StateBadge, stateLabel } from '@/components/run-state';
import { SavedViews } from '@/components/saved-views';
import { useSearchState } from '@/components/search-state';
import { useStoreName } from '@/components/store-name';
import { TagLinks } from '@/components/tag-links';
import { Choice } from '@/components/ui/choice';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { SearchField } from '@/components/ui/search-field';
import { Stale } from '@/components/ui/stale';
import { ForWriters } from '@/components/visitor';

import { PickedRuns } from './picked-runs';
import { listQuery } from './query';
import { withParams } from '@/components/with-params';

export type RunEntry = inferProcedureOutput<AppRouter['runs']['list']>['runs'][number];

/** All runs, with filters in the address and the running ones live. */
export function RunList() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { params, set } = useSearchState();
  const query = listQuery(params);
  const { data, error, isPlaceholderData } = useQuery(
    trpc.runs.list.queryOptions(query, { placeholderData: keepPreviousData }),
  );

  // Which runs are running, and how far they are, comes by itself; the list is asked for again when one begins or ends.
  const [live, setLive] = useState<ReadonlyMap<string, RunEntry>>(new Map());
  const running = useRef<string | undefined>(undefined);
  useSubscription(
    trpc.runs.running.subscriptionOptions(undefined, {
      onData: ({ data: entries }) => {
        setLive(new Map(entries.map((entry) => [entry.id, entry])));
        const names = entries.map((entry) => entry.id).join();
        if (running.current !== undefined && running.current !== names) {
          void client.invalidateQueries({ queryKey: trpc.runs.list.queryKey() });
        }
        running.current = names;
      },
    }),
  );

  useEffect(() => rememberRunList(params.toString()), [params]);
  const quickstart = useQuickstart();
  const [picked, setPicked] = useState<ReadonlyMap<string, RunEntry>>(new Map());
  const pick = (run: RunEntry) => {
    const next = new Map(picked);
    if (!next.delete(run.id)) next.set(run.id, run);
    setPicked(next);
  };
  if (error)
    return (
      <Empty tone="bad" title="The list cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  const filtered = Boolean(query.search ?? query.state ?? query.dataset ?? query.tag ?? query.shelf);
  const hidden = hiddenColumns(params);
  return (
    <>
      <PageHead
        title="Runs"
        actions={
          <>
            <SavedViews place="runs" />
            <Columns all={COLUMNS} />
            <ForWriters>
              <Link href="/experiment" className="button" data-primary>
                <Icon name="plus" size={13} /> New experiment
              </Link>
            </ForWriters>
          </>
        }
      >
        <span aria-live="polite">
          {filtered ? `${count(data.total, 'run')} found` : `${count(data.total, 'run')} in this store`}
          {live.size > 0 && `, ${live.size} running`}
        </span>
      </PageHead>
      <Filters facets={data.facets} />
      {picked.size > 0 && <PickedRuns runs={[...picked.values()]} onNone={() => setPicked(new Map())} />}
      {data.total === 0 ? (
        filtered ? (
          <Empty icon="search" title="No run matches">
            <button type="button" className="button" onClick={() => set(NO_FILTERS)}>
              Clear the filters
            </button>
          </Empty>
        ) : (
          <NoRuns quickstart={quickstart} />
        )
      ) : data.runs.length === 0 ? (
        <Empty icon="search" title={`There is no page ${query.page}`}>
          <button type="button" className="button" onClick={() => set({ page: undefined })}>
            The first of {count(data.pages, 'page')}
          </button>
        </Empty>
      ) : (
        <Stale when={isPlaceholderData} className="card overflow-x-auto">
          <table className="w-full border-collapse text-[13px] md:min-w-[760px]">
            <caption className="sr-only">Runs in this store</caption>
            <thead>
              <tr className="border-b border-line text-left text-xs text-ink-3">
                <SortHead order="name">Run</SortHead>
                {!hidden.has('state') && (
                  <th scope="col" className="px-3 py-2 font-medium">
                    State
                  </th>
                )}
                {!hidden.has('dataset') && (
                  <SortHead order="dataset" wide>
                    Dataset
                  </SortHead>
                )}
                {!hidden.has('models') && (
                  <th scope="col" className="px-3 py-2 font-medium max-md:hidden">
                    Models
                  </th>
                )}
                {!hidden.has('robust') && (
                  <SortHead
                    order="robust-accuracy"
                    title="Of the instances that could be attacked, the share that the best defense gets right under every attack: under the run's first threat, or whatever the distance. Runs of another dataset, threat or attacks are another ranking."
                  >
                    Robust accuracy
                  </SortHead>
                )}
                {!hidden.has('duration') && (
                  <SortHead order="duration" wide>
                    Duration
                  </SortHead>
                )}
                {!hidden.has('started') && (
                  <SortHead order="started" wide>
                    Started
                  </SortHead>
                )}
                <th scope="col" className="w-10 px-2 py-2">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {data.runs.map((run, index) => {
                const ranked = query.order === 'robust-accuracy';
                return (
                  <Fragment key={run.id}>
                    {ranked && (index === 0 || run.among !== data.runs[index - 1]!.among) && (
                      <Ranking of={run} hidden={hidden} />
                    )}
                    <RunRow
                      run={live.get(run.id) ?? run}
                      tied={ranked && run.tied}
                      hidden={hidden}
                      picked={picked.has(run.id)}
                      onPick={() => pick(run)}
                    />
                  </Fragment>
                );
              })}
            </tbody>
          </table>
        </Stale>
      )}
      {data.pages > 1 && data.runs.length > 0 && <Pages page={query.page ?? 1} pages={data.pages} />}
    </>
  );
}

const COLUMNS = [
  ['state', 'State'],
  ['dataset', 'Dataset'],
  ['models', 'Models'],
  ['robust', 'Robust accuracy'],
  ['duration', 'Duration'],
  ['started', 'Started'],
] as const;

const ORDERS = [
  ['started', 'Newest first'],
  ['name', 'By name'],
  ['dataset', 'By dataset'],
  ['robust-accuracy', 'By robust accuracy'],
  ['duration', 'By duration'],
] as const;

const NO_FILTERS = {
  ...{ search: undefined, state: undefined, dataset: undefined, tag: undefined, page: undefined },
  shelf: undefined,
};

/** Begins the runs that are ranked among one another. */
function Ranking({ of: { best, dataset }, hidden }: { readonly of: RunEntry; readonly hidden: ReadonlySet<string> }) {
  return (
    <tr>
      <th
        scope="rowgroup"
        colSpan={8 - COLUMNS.filter(([id]) => hidden.has(id)).length}
        className="bg-sunken/60 px-3 py-1.5 text-left text-xs font-normal text-ink-3"
      >
        {best ? (
          <>
            Ranked among one another: <span className="font-medium text-ink-2">{dataset}</span>,{' '}
            {best.threat ?? 'whatever the distance'}, {best.attacks.join(', ')},{' '}
            {best.mode === 'adaptive' ? 'adaptive' : 'transfer only'}
          </>
        ) : (
          'Without a figure'
        )}
      </th>
    </tr>
  );
}

function RunRow(props: {
  readonly run: RunEntry;
  readonly tied: boolean;
  readonly hidden: ReadonlySet<string>;
  readonly picked: boolean;
  readonly onPick: () => void;
}) {
  const { run, tied, hidden } = props;
  const { params } = useSearchState();
  const end = run.finishedAt;
  return (
    <tr className="group align-top hover:bg-sunken/60">
      <th scope="row" className="relative max-w-[280px] py-2.5 pr-3 pl-9 text-left font-normal">
        <input
          type="checkbox"
          className="absolute top-3 left-3 size-4 accent-(--accent)"
          aria-label={`Choose ${run.name}, ${run.id.slice(-6)}`}
          checked={props.picked}
          onChange={props.onPick}
        />
        {run.deletedAt === undefined ? (
          <Link
            href={`/runs/${run.id}`}
            title={run.name}
            className="line-clamp-2 font-semibold wrap-anywhere text-ink hover:text-accent hover:underline"
          >
            {run.name}
          </Link>
        ) : (
          <span className="line-clamp-2 font-semibold wrap-anywhere text-ink-2">{run.name}</span>
        )}
        <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-3">
          <span className="figures">{run.id.slice(-6)}</span>
          <span>
            {run.seeds.length > 1 ? 'seeds' : 'seed'} {run.seeds.join(', ')}
          </span>
          <span className="wrap-anywhere md:hidden">{run.dataset}</span>
          <time className="figures md:hidden" dateTime={new Date(run.startedAt).toISOString()}>
            {moment(run.startedAt)}
          </time>
          {run.deletedAt !== undefined && <span>deleted {moment(run.deletedAt)}</span>}
          <TagLinks tags={run.tags} to={(tag) => withParams('/runs', params, { tag, page: undefined })} />
        </div>
      </th>
      {!hidden.has('state') && (
        <td className="px-3 py-2.5 max-md:px-2 md:min-w-[150px]">
          <StateBadge state={run.state} />
          {run.state === 'running' && (
            <div className="mt-1.5 max-w-[180px]">
              <ProgressBar value={run.stepsDone / Math.max(1, run.stepsTotal)} label={`Progress of ${run.name}`} />
              <div className="figures mt-1 text-xs text-ink-3">
                {run.stepsDone}/{run.stepsTotal} steps
                {run.progress?.left !== undefined && `, ${run.progress.left}`}
              </div>
              {run.progress?.active[0] && (
                <div className="truncate text-xs text-ink-3">{run.progress.active[0].label}</div>
              )}
            </div>
          )}
          {run.state === 'failed' && run.error && (
            <div className="mt-0.5 line-clamp-2 max-w-[220px] text-xs text-ink-3 max-md:hidden" title={run.error}>
              {run.error}
            </div>
          )}
        </td>
      )}
      {!hidden.has('dataset') && (
        <td className="max-w-[180px] px-3 py-2.5 break-words text-ink-2 max-md:hidden">{run.dataset}</td>
      )}
      {!hidden.has('models') && (
        <td className="max-w-[220px] px-3 py-2.5 text-ink-2 max-md:hidden">
          <span className="line-clamp-2" title={run.models.join(', ')}>
            {run.models.length === 0 ? <span className="text-ink-3">none yet</span> : run.models.join(', ')}
          </span>
        </td>
      )}
      {!hidden.has('robust') && (
        <td className="px-3 py-2.5 max-md:px-2">
          <Best run={run} tied={tied} />
        </td>
      )}
      {!hidden.has('duration') && (
        <td className="figures px-3 py-2.5 whitespace-nowrap text-ink-2 max-md:hidden">
          {end === undefined ? <Elapsed since={run.startedAt} /> : duration((end - run.startedAt) / 1000)}
        </td>
      )}
      {!hidden.has('started') && (
        <td className="figures px-3 py-2.5 whitespace-nowrap text-ink-2 max-md:hidden">
          <time dateTime={new Date(run.startedAt).toISOString()} title={`${moment(run.startedAt)} UTC`}>
            {moment(run.startedAt)}
          </time>
        </td>
      )}
      <td className="px-2 py-2">
        <RunActions run={run} />
      </td>
    </tr>
  );
}

/** How the best defense stands, over what could be attacked; of a run without defenses how its models do. */
function Best({ run: { best }, tied }: { readonly run: RunEntry; readonly tied: boolean }) {
  if (!best) return <span className="text-ink-3">–</span>;
  const { mode, model, robustAccuracy, undefended, everyFalls, models, threat, furtherThreats, attackable } = best;
  const { value, low, high } = robustAccuracy;
  return (
    <>
      <span className="md:whitespace-nowrap">
        <span className="figures font-semibold">{percent(value)}</span>{' '}
        <span className="text-xs text-ink-3">{mode === 'adaptive' ? 'adaptive' : 'transfer only'}</span>
        {tied && (
          <span className="ml-1.5 rounded bg-sunken px-1 text-xs text-ink-2" title="The 95% intervals overlap">
            tied with the one above
          </span>
        )}
      </span>
      <div
        className="figures text-xs text-ink-2 md:whitespace-nowrap"
        title="95% interval, instances that could be attacked"
      >
        {between(low, high)} of {attackable}
      </div>
      {threat !== undefined && (
        <div className="text-xs text-ink-2 md:whitespace-nowrap">
          {threat}
          {furtherThreats > 0 && <span className="text-ink-3">, {furtherThreats} more</span>}
        </div>
      )}
      <div className="max-w-[170px] truncate text-xs text-ink-3 max-md:max-w-[84px]" title={model}>
        {everyFalls && models > 1 ? `all ${models} models fall` : `${model}${undefended ? ', undefended' : ''}`}
      </div>
    </>
  );
}

/** Counts up; empty on the server, whose clock is not the browser's. */
function Elapsed({ since }: { readonly since: number }) {
  const [now, setNow] = useState<number>();
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, []);
  return now === undefined ? null : duration(Math.max(0, Math.round((now - since) / 1000)));
}

function SortHead(props: {
  readonly order: string;
  readonly title?: string;
  /** Only where there is room. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  const { params } = useSearchState();
  const query = listQuery(params);
  const active = query.order === props.order;
  const descending = active ? !query.descending : props.order === 'started' || props.order === 'robust-accuracy';
  return (
    <th
      scope="col"
      className={`px-3 py-2 font-medium ${props.wide ? 'max-md:hidden' : ''}`}
      aria-sort={active ? (query.descending ? 'descending' : 'ascending') : undefined}
    >
      <Link
        href={withParams('/runs', params, { order: props.order, dir: descending ? 'desc' : 'asc', page: undefined })}
        scroll={false}
        title={props.title}
        className={`inline-flex items-center gap-1 hover:text-ink ${active ? 'text-ink' : ''}`}
      >
        {props.children}
        {active && <Icon name={query.descending ? 'down' : 'up'} size={11} />}
      </Link>
    </th>
  );
}

function Filters({
  facets,
}: {
  readonly facets: { readonly datasets: readonly string[]; readonly tags: readonly string[] };
}) {
  const { params, set } = useSearchState();
  const query = listQuery(params);
  const any = query.search ?? query.state ?? query.dataset ?? query.tag ?? query.shelf;
  return (
    <form
      role="search"
      aria-label="Runs"
      className="mb-3 flex flex-wrap items-center gap-2"
      onSubmit={(event) => event.preventDefault()}
    >
      <SearchField label="Search runs" placeholder="Words, epsilon=0.1, tag:nightly" />
      <Choice
        label="State"
        value={query.state}
        options={RUN_STATES.map((state) => [state, stateLabel(state)])}
        onChange={(state) => set({ state, page: undefined })}
      />
      <Choice
        label="Dataset"
        value={query.dataset}
        options={facets.datasets.map((one) => [one, one])}
        onChange={(dataset) => set({ dataset, page: undefined })}
      />
      {facets.tags.length > 0 && (
        <Choice
          label="Tag"
          value={query.tag}
          options={facets.tags.map((one) => [one, one])}
          onChange={(tag) => set({ tag, page: undefined })}
        />
      )}
      <select
        className="field"
        aria-label="Which runs"
        value={query.shelf ?? 'listed'}
        onChange={({ target: { value } }) => set({ shelf: value === 'listed' ? undefined : value, page: undefined })}
      >
        <option value="listed">Not archived</option>
        <option value="archived">Archived</option>
        <option value="deleted">Deleted</option>
      </select>
      {/* Heads of columns that a phone has no room for cannot be asked to sort. */}
      <select
        className="field md:hidden"
        aria-label="Sort by"
        value={query.order}
        onChange={({ target: { value } }) => set({ order: value, dir: undefined, page: undefined })}
      >
        {ORDERS.map(([order, text]) => (
          <option key={order} value={order}>
            {text}
          </option>
        ))}
      </select>
      {any && (
        <button type="button" className="button" onClick={() => set(NO_FILTERS)}>
          <Icon name="close" size={12} />
          Clear
        </button>
      )}
    </form>
  );
}

function Pages({ page, pages }: { readonly page: number; readonly pages: number }) {
  const { params } = useSearchState();
  const to = (target: number) => withParams('/runs', params, { page: target === 1 ? undefined : String(target) });
  return (
    <nav aria-label="Pages" className="mt-3 flex items-center justify-end gap-2 text-[13px] text-ink-2">
      <span className="figures mr-2">
        Page {page} of {pages}
      </span>
      {page > 1 && (
        <Link href={to(page - 1)} className="button" rel="prev">
          <Icon name="left" size={12} /> Newer
        </Link>
      )}
      {page < pages && (
        <Link href={to(page + 1)} className="button" rel="next">
          Older <Icon name="right" size={12} />
        </Link>
      )}
    </nav>
  );
}

/** Starts the quickstart and opens its run, whichever is known first: that run, or that the list is not empty any more. */
function useQuickstart() {
  const trpc = useTRPC();
  const router = useRouter();
  const start = useMutation(trpc.experiments.startPreset.mutationOptions());
  const job = useJob(start.data?.job);
  const runId = job?.runId;
  useEffect(() => {
    if (runId) router.push(`/runs/${runId}`);
  }, [runId, router]);
  return { start, job };
}

/** How to begin: here, or from a terminal that writes to the store that is shown here. */
function NoRuns({ quickstart: { start, job } }: { readonly quickstart: ReturnType<typeof useQuickstart> }) {
  const store = useStoreName();
  return (
    <Empty icon="clock" title="No runs yet">
      <p>
        The quickstart trains LeNet-5 on two digits of MNIST, attacks it, hardens it and attacks it again: a few
        minutes.
      </p>
      <ForWriters>
        <button
          type="button"
          className="button"
          data-primary
          disabled={start.isPending || (job !== undefined && job.state !== 'failed')}
          onClick={() => start.mutate({ preset: 'quickstart' })}
        >
          Start the quickstart
        </button>
      </ForWriters>
      {start.error && (
        <p role="alert" className="text-bad">
          {start.error.message}
        </p>
      )}
      {job && <JobNotice job={job} doing="Starting the quickstart" />}
      <p>Or from a terminal:</p>
      <Copyable text={`npx rampart run quickstart --store ${quoted(store)}`} />
      <p>
        Or{' '}
        <Link href="/experiment" className="link">
          write an experiment of your own
        </Link>
        . A run appears here as soon as it starts.
      </p>
    </Empty>
  );
}
