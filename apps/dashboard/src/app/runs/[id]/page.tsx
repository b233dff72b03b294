import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { hasThreats } from './has-threats';
import { matrixMetadata, MatrixPage } from './matrix-page';
import { RobustnessView } from './robustness/robustness-view';
import { RunFailure } from './run-failure';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { id } = await params;
  const loaded = await attempt(() => queryClient().fetchQuery(api.runs.get.queryOptions({ id })));
  if ('failure' in loaded) return { title: 'No such run' };
  const { run, steps } = loaded.data;
  return hasThreats(steps)
    ? { title: `Robustness · ${run.name}`, description: 'How the models of a run withstand its threats.' }
    : matrixMetadata(run.name, parameters(await searchParams));
}

/** What a run is about: how its models withstand its threats where it has any, else the matrix. */
export default async function RunPage({ params, searchParams }: Props) {
  const { id } = await params;
  const loaded = await attempt(async () => {
    const { steps } = await queryClient().fetchQuery(api.runs.get.queryOptions({ id }));
    if (!hasThreats(steps)) return false;
    await Promise.all([
      queryClient().fetchQuery(api.robustness.threats.queryOptions({ id })),
      queryClient().fetchQuery(api.runs.standings.queryOptions({ id })),
      queryClient().fetchQuery(api.runs.findings.queryOptions({ id })),
    ]);
    return true;
  });
  // The layout has said it already.
  if ('failure' in loaded) return <RunFailure {...loaded.failure} />;
  if (!loaded.data) return <MatrixPage id={id} params={parameters(await searchParams)} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <RobustnessView id={id} />
    </HydrationBoundary>
  );
}
