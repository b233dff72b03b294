import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';
import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { Curves } from './curves';
import { diagramTitle } from './diagrams';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const diagram = parameters(await searchParams).get('diagram');
  return { title: diagram ? diagramTitle(diagram) : 'Curves' };
}

export default async function CurvesPage({ params }: Props) {
  const { id } = await params;
  const loaded = await attempt(() =>
    Promise.all([
      queryClient().fetchQuery(api.curves.recorded.queryOptions({ id })),
      queryClient().fetchQuery(api.robustness.curves.queryOptions({ id })),
    ]),
  );
  if ('failure' in loaded) return loaded.failure.code === 'NOT_FOUND' ? null : <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <Curves id={id} />
    </HydrationBoundary>
  );
}
