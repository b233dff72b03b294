'use client';

import { short } from '@rampart/charts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';

import { useTRPC } from '@/client/trpc';
import { Columns } from '@/components/columns';
import { count, MODE_TEXT } from '@/components/format';
import { hiddenColumns } from '@/components/hidden-columns';
import { SavedViews } from '@/components/saved-views';
import { useSearchState } from '@/components/search-state';
import { TableFiles } from '@/components/table-files';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Segments } from '@/components/ui/segments';
import { Stale } from '@/components/ui/stale';

import { EpsilonSlider } from './epsilon-slider';
import { leaderboardQuery } from './query';
import { Ranking } from './ranking';
import { filtered, filtersOf, sorted, sortingOf } from './ranked-rows';
import { tableOf } from './table-file';

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
  const { params, set } = useSearchState({ local: true });
  const query = leaderboardQuery(params);
  const {
    data,
    error,
    isPlaceholderData: stale,
  } = useQuery(trpc.leaderboard.rows.queryOptions(query, { placeholderData: keepPreviousData }));
  const { order, descending } = sortingOf(params);
  const { search, defended, established } = filtersOf(params);
  const field = useSearchFieldOf(params.get('search') ?? '');
  const all = useMemo(() => sorted(data?.rows ?? [], { order, descending }), [data, order, descending]);
  const rows = useMemo(() => filtered(all, { search, defended, established }), [all, search, defended, established]);
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
  const certified = !hiddenColumns(params).has('certified') && rows.some((one) => one.certifiedAccuracy !== undefined);
  const severalAttacks = new Set(rows.map((one) => one.attacks.join())).size > 1;
  const name = `leaderboard-${about.replace(/[^\w.-]+/g, '-').replace(/-$/, '')}`;
  return (
    <>
      <PageHead
        title="Leaderboard"
        actions={
          <>
            <SavedViews place="leaderboard" />
            <Columns all={COLUMNS} local />
            <TableFiles name={name} disabled={stale} table={() => tableOf(rows, data.dataset ?? '', about)} />
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
              onChange={(event) => set({ threat: event.target.value, norm: undefined, epsilon: undefined })}
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
              ref={field}
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
          <Stale when={stale}>
            <p className="mb-2 text-xs text-ink-3">
              {count(rows.length, 'model')}, {about}. {MODE_TEXT[query.mode ?? 'adaptive']}
              {severalAttacks &&
                ' Not all were attacked by the same: a figure under fewer attacks is no better for it.'}
              {certified &&
                ' Certified: of the same instances, right whatever the attack, by randomised smoothing; a bound from below.'}
              {data.threat === undefined &&
                !query.at &&
                ' Without a threat every example counts, however far it is from its original.'}
            </p>
            <Ranking rows={rows} about={about} certified={certified} />
          </Stale>
        </>
      )}
    </>
  );
}

/** The field shows what is searched for, whoever changed that, but is left to whoever types in it. */
function useSearchFieldOf(search: string) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const { current } = field;
    if (current && current !== document.activeElement) current.value = search;
  }, [search]);
  return field;
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
