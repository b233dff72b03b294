import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';
import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { listQuery } from './query';
import { RunList } from './run-list';

export async function generateMetadata({ searchParams }: { readonly searchParams: Search }): Promise<Metadata> {
  const { search, state } = listQuery(parameters(await searchParams));
  const about = [state, search && `“${search}”`].filter(Boolean).join(' ');
  return { title: about ? `Runs: ${about}` : 'Runs' };
}

export default async function RunsPage({ searchParams }: { readonly searchParams: Search }) {
  const query = listQuery(parameters(await searchParams));
  const loaded = await attempt(() => queryClient().fetchQuery(api.runs.list.queryOptions(query)));
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <RunList />
    </HydrationBoundary>
  );
}
