import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { MODE_TEXT, metricName } from '@/components/format';
import { FailureView } from '@/components/ui/failure';
import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { MatrixView } from './matrix-view';
import { cellOf, matrixQuery } from './matrix-query';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params: route, searchParams }: Props): Promise<Metadata> {
  const { id } = await route;
  const params = parameters(await searchParams);
  const { metric, mode } = matrixQuery(params);
  const cell = cellOf(params);
  const run = await attempt(() => queryClient().fetchQuery(api.runs.get.queryOptions({ id })));
  if ('failure' in run) return { title: 'No such run' };
  const { name } = run.data.run;
  const where = mode === 'adaptive' ? 'white-box' : 'transfer';
  return {
    title: `${cell ? `${cell.model} under ${cell.attack}` : metricName(metric)}, ${where} · ${name}`,
    description: MODE_TEXT[mode],
  };
}

export default async function RunPage({ params, searchParams }: Props) {
  const { id } = await params;
  const search = parameters(await searchParams);
  const { metric } = matrixQuery(search);
  const cell = cellOf(search);
  const loaded = await attempt(async () => {
    await queryClient().fetchQuery(api.runs.matrix.queryOptions({ id, metric }));
    // A cell that does not exist is said so beside the matrix.
    if (cell) await queryClient().prefetchQuery(api.runs.cell.queryOptions({ id, ...cell }));
  });
  // The layout has said it already.
  if ('failure' in loaded) return loaded.failure.code === 'NOT_FOUND' ? null : <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <MatrixView id={id} />
    </HydrationBoundary>
  );
}
