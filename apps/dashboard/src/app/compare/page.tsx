import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';
import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { Compare } from './compare';
import { compareQuery } from './query';

export async function generateMetadata({ searchParams }: { readonly searchParams: Search }): Promise<Metadata> {
  const { columns } = compareQuery(parameters(await searchParams));
  return { title: columns.length > 0 ? `Compare ${columns.length}` : 'Compare' };
}

export default async function ComparePage({ searchParams }: { readonly searchParams: Search }) {
  const query = compareQuery(parameters(await searchParams));
  const loaded = await attempt(async () => {
    await queryClient().fetchQuery(api.runs.list.queryOptions({ perPage: 50 }));
    // What cannot be compared is said beside the form, which stays.
    if (query.columns.length > 0) await queryClient().prefetchQuery(api.compare.table.queryOptions(query));
  });
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <Compare />
    </HydrationBoundary>
  );
}
