import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { RunFailure } from '../run-failure';
import { Curves } from './curves';
import { diagramTitle, EPSILON } from './diagrams';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const diagram = parameters(await searchParams).get('diagram');
  return { title: diagram ? diagramTitle(diagram) : 'Curves' };
}

export default async function CurvesPage({ params, searchParams }: Props) {
  const { id } = await params;
  const search = parameters(await searchParams);
  const diagram = search.get('diagram') ?? EPSILON;
  const loaded = await attempt(async () => {
    const [, robustness] = await Promise.all([
      queryClient().fetchQuery(api.curves.recorded.queryOptions({ id })),
      queryClient().fetchQuery(api.robustness.curves.queryOptions({ id })),
    ]);
    if (robustness.length > 0 || diagram !== EPSILON) return;
    const mode = search.get('mode') === 'static' ? 'static' : 'adaptive';
    await queryClient().fetchQuery(api.curves.epsilon.queryOptions({ id, mode }));
  });
  if ('failure' in loaded) return <RunFailure {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <Curves id={id} />
    </HydrationBoundary>
  );
}
