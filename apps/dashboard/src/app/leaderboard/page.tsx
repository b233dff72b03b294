import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';
import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { Leaderboard } from './leaderboard';
import { leaderboardQuery } from './query';

export const metadata: Metadata = { title: 'Leaderboard' };

export default async function LeaderboardPage({ searchParams }: { readonly searchParams: Search }) {
  const query = leaderboardQuery(parameters(await searchParams));
  const loaded = await attempt(() => queryClient().fetchQuery(api.leaderboard.rows.queryOptions(query)));
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <Leaderboard />
    </HydrationBoundary>
  );
}
