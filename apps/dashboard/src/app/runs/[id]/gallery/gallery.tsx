'use client';

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { useEffect } from 'react';

import { useTRPC } from '@/client/trpc';
import { MODE_TEXT } from '@/components/format';
import { Triptych } from '@/components/gallery/triptych';
import { Icon } from '@/components/icon';
import { useSearchState } from '@/components/search-state';
import { Choice } from '@/components/ui/choice';
import { Empty } from '@/components/ui/empty';
import { Segments } from '@/components/ui/segments';
import { Stale } from '@/components/ui/stale';

import { galleryQuery, ORDERS } from './query';
import { withParams } from '@/components/with-params';

/** What each order is called. */
const ORDER_NAMES: Readonly<Record<(typeof ORDERS)[number], string>> = {
  evaded: 'Evaded first',
  distortion: 'Evaded first, the least changed first',
  confidence: 'Evaded first, the surest first',
  position: 'As in the test set',
};

/** What a card shows of a sample of each kind. */
const LEGENDS = {
  picture: 'Original, perturbation amplified to full scale, adversarial.',
  row: 'The columns that were changed: before and after.',
  sound: 'Original, what was changed as loud as it can be, adversarial: wave, spectrogram and player.',
} as const;

/** Attacked instances, a page at a time. */
export function Gallery({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const pathname = usePathname();
  const { params, set } = useSearchState();
  const query = galleryQuery(id, params);
  const { data, error, isPlaceholderData } = useQuery(
    trpc.gallery.page.queryOptions(query, { placeholderData: keepPreviousData, staleTime: 60_000 }),
  );
  const { page } = query;
  const pages = data?.pages ?? 1;
  const to = (target: number) => withParams(pathname, params, { page: target === 1 ? undefined : String(target) });

  // The page that is most likely next is there before it is asked for.
  const next = page < pages ? JSON.stringify({ ...query, page: page + 1 }) : undefined;
  useEffect(() => {
    if (next) void client.prefetchQuery(trpc.gallery.page.queryOptions(JSON.parse(next), { staleTime: 60_000 }));
  }, [client, next, trpc]);
  useEffect(() => {
    const turn = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea, [role=menu]')) return;
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === 'n' && page < pages) router.push(to(page + 1), { scroll: false });
      if (event.key === 'p' && page > 1) router.push(to(page - 1), { scroll: false });
    };
    document.addEventListener('keydown', turn);
    return () => document.removeEventListener('keydown', turn);
  });

  if (error)
    return (
      <Empty tone="bad" title="The samples cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  const kind = data.items.find((item) => item.picture)?.picture?.kind ?? 'picture';
  const change = (changes: Record<string, string | undefined>) => set({ ...changes, page: undefined });
  return (
    <div className="@container grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label="Examples"
          value={query.mode ?? 'adaptive'}
          options={[
            ['adaptive', 'Adaptive'],
            ['static', 'Transfer (static)'],
          ]}
          onChange={(mode) => change({ mode: mode === 'adaptive' ? undefined : mode })}
        />
        <Choice
          label="Model"
          value={query.model}
          options={data.models.map((one) => [one, one])}
          onChange={(model) => change({ model })}
        />
        <Choice
          label="Attack"
          value={query.attack}
          options={data.attacks.map((one) => [one, one])}
          onChange={(attack) => change({ attack })}
        />
        <Choice
          label="Outcome"
          value={query.outcome}
          options={[
            ['evaded', 'evaded'],
            ['resisted', 'resisted'],
            ['unmoved', 'not attacked'],
            ['misclassified', 'wrong before'],
          ]}
          onChange={(outcome) => change({ outcome })}
        />
        {data.seeds.length > 1 && (
          <Choice
            label="Seed"
            value={query.seed === undefined ? undefined : String(query.seed)}
            options={data.seeds.map((one) => [String(one), `seed ${one}`])}
            onChange={(seed) => change({ seed })}
          />
        )}
        <select
          className="field max-w-[220px] min-w-0"
          aria-label="Order"
          value={query.order}
          onChange={(event) => change({ order: event.target.value === ORDERS[0] ? undefined : event.target.value })}
        >
          {ORDERS.map((one) => (
            <option key={one} value={one}>
              {ORDER_NAMES[one]}
            </option>
          ))}
        </select>
        <span className="figures ml-auto text-[13px] text-ink-2" aria-live="polite">
          {data.total.toLocaleString('en')} {data.total === 1 ? 'instance' : 'instances'}
        </span>
      </div>
      <p className="-mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-3">
        <span>
          {LEGENDS[kind]} {MODE_TEXT[query.mode ?? 'adaptive']}
        </span>
        {kind === 'picture' && (
          <span className="inline-flex items-center gap-1.5">
            <span
              aria-hidden="true"
              className="inline-block h-2.5 w-14 rounded-sm bg-[linear-gradient(to_right,rgb(33_113_207),transparent,rgb(226_110_0))]"
            />
            darker to lighter
          </span>
        )}
      </p>
      {data.items.length === 0 ? (
        <Empty icon="search" title={data.total > 0 ? `There is no page ${page}` : 'No instance matches'}>
          <button
            type="button"
            className="button"
            onClick={() =>
              set({ model: undefined, attack: undefined, outcome: undefined, seed: undefined, page: undefined })
            }
          >
            Clear the filters
          </button>
        </Empty>
      ) : (
        <Stale
          when={isPlaceholderData}
          // As many columns as divide a page of 24, so that its last line is full.
          className="grid grid-cols-[minmax(0,1fr)] gap-3 @min-[552px]:grid-cols-2 @min-[834px]:grid-cols-3 @min-[1116px]:grid-cols-4 @min-[1680px]:grid-cols-6 @min-[2244px]:grid-cols-8"
        >
          {data.items.map((item) => (
            <Triptych
              key={`${item.evaluateStep}/${item.position}`}
              item={item}
              classes={data.classes}
              showModel={!query.model}
              showAttack={!query.attack}
              href={`/runs/${id}/gallery/${item.testIndex}?${new URLSearchParams({ mode: query.mode ?? 'adaptive', seed: String(item.seed), model: item.model, attack: item.attack })}`}
            />
          ))}
        </Stale>
      )}
      {pages > 1 && (
        <nav aria-label="Pages" className="flex flex-wrap items-center justify-center gap-2 text-[13px] text-ink-2">
          <Step to={page > 1 ? to(page - 1) : undefined} rel="prev" hint="p">
            <Icon name="left" size={12} /> Previous
          </Step>
          <form
            key={page}
            className="flex items-center gap-1.5"
            onSubmit={(event) => {
              event.preventDefault();
              const wanted = Number(new FormData(event.currentTarget).get('page'));
              if (Number.isInteger(wanted)) router.push(to(Math.min(pages, Math.max(1, wanted))), { scroll: false });
            }}
          >
            <input
              name="page"
              aria-label="Page"
              className="field figures w-16 text-center"
              defaultValue={page}
              inputMode="numeric"
            />
            <span className="figures">of {pages.toLocaleString('en')}</span>
          </form>
          <Step to={page < pages ? to(page + 1) : undefined} rel="next" hint="n">
            Next <Icon name="right" size={12} />
          </Step>
        </nav>
      )}
    </div>
  );
}

function Step(props: {
  readonly to: string | undefined;
  readonly rel: string;
  readonly hint: string;
  readonly children: React.ReactNode;
}) {
  if (props.to === undefined) {
    return (
      <span aria-disabled="true" className="button opacity-50">
        {props.children}
      </span>
    );
  }
  return (
    <Link
      href={props.to}
      rel={props.rel}
      scroll={false}
      className="button"
      aria-keyshortcuts={props.hint}
      title={`Key ${props.hint}`}
    >
      {props.children}
    </Link>
  );
}
