'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';

import { useTRPC } from '@/client/trpc';
import { count, MODE_TEXT } from '@/components/format';
import { Icon } from '@/components/icon';
import { useSearchState } from '@/components/search-state';
import { Choice } from '@/components/ui/choice';
import { Empty } from '@/components/ui/empty';
import { Segments } from '@/components/ui/segments';
import { Stale } from '@/components/ui/stale';
import { withParams } from '@/components/with-params';

import { galleryQuery, seedOf } from '../query';
import { chosenItem } from './chosen-item';
import { InstanceDetail } from './instance-detail';
import { InstanceGrid } from './instance-grid';
import { NearestTable } from './nearest-table';

/** One test sample: what every attack made of it against every model, and all that is known of one of these. */
export function Instance({ id, testIndex }: { readonly id: string; readonly testIndex: number }) {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const { mode = 'adaptive', model, attack } = galleryQuery(id, params);
  const { data, error, isPlaceholderData } = useQuery(
    trpc.gallery.instance.queryOptions(
      { id, testIndex, mode, ...seedOf(params) },
      { placeholderData: keepPreviousData },
    ),
  );
  if (error)
    return (
      <Empty tone="bad" title="The samples cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  const [first] = data.items;
  const chosen = chosenItem(data.items, { model, attack });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Link href={`/runs/${id}/gallery`} className="button">
          <Icon name="left" size={12} /> Gallery
        </Link>
        <span className="flex gap-1">
          <Neighbour to={data.before} rel="prev">
            <Icon name="left" size={12} /> Before
          </Neighbour>
          <Neighbour to={data.after} rel="next">
            After <Icon name="right" size={12} />
          </Neighbour>
        </span>
        <Segments
          label="Examples"
          value={mode}
          options={[
            ['adaptive', 'Adaptive'],
            ['static', 'Transfer (static)'],
          ]}
          onChange={(value) => set({ mode: value === 'adaptive' ? undefined : value })}
        />
        {data.seeds.length > 1 && (
          <Choice
            label="Seed"
            value={data.seed === undefined ? undefined : String(data.seed)}
            options={data.seeds.map((one) => [String(one), `seed ${one}`])}
            onChange={(seed) => set({ seed })}
          />
        )}
        <p className="text-[13px] text-ink-2">{MODE_TEXT[mode]}</p>
      </div>
      {!first ? (
        <NotAttacked testIndex={testIndex} testSamples={data.testSamples} />
      ) : (
        <Stale when={isPlaceholderData} className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <InstanceGrid data={data} testIndex={testIndex} chosen={chosen} />
          {chosen && <InstanceDetail key={`${chosen.model} ${chosen.attack}`} item={chosen} data={data} />}
          <NearestTable data={data} />
        </Stale>
      )}
    </div>
  );
}

/** The attacked sample before or after this one in the test set, in the same view. */
function Neighbour(props: {
  readonly to: number | undefined;
  readonly rel: 'prev' | 'next';
  readonly children: ReactNode;
}) {
  const { to, rel, children } = props;
  const pathname = usePathname();
  const { params } = useSearchState();
  if (to === undefined) {
    return (
      <span aria-disabled="true" className="button opacity-50">
        {children}
      </span>
    );
  }
  return (
    <Link
      href={withParams(pathname.replace(/\d+$/, String(to)), params, {})}
      rel={rel}
      className="button"
      aria-label={`Test sample ${to}, the attacked one ${rel === 'prev' ? 'before' : 'after'} this`}
    >
      {children}
    </Link>
  );
}

/** Why there is nothing of a sample. */
function NotAttacked(props: { readonly testIndex: number; readonly testSamples: number | undefined }) {
  const { testIndex, testSamples } = props;
  if (testSamples !== undefined && testIndex >= testSamples) {
    return (
      <Empty icon="search" title={`There is no test sample ${testIndex}`}>
        <p>
          The test set of this run has {count(testSamples, 'sample')}, numbered from 0 to {testSamples - 1}.
        </p>
      </Empty>
    );
  }
  return (
    <Empty icon="search" title="This sample was not attacked">
      <p>Only malicious test instances are modified; test sample {testIndex} is not one of them in this run.</p>
    </Empty>
  );
}
