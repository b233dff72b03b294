import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { MODE_TEXT, metricName } from '@/components/format';
import { api, attempt, dehydrated, queryClient } from '@/server/api';

import { MatrixView } from './matrix-view';
import { cellOf, matrixQuery } from './matrix-query';
import { RunFailure } from './run-failure';

export function matrixMetadata(name: string, params: URLSearchParams): Metadata {
  const { metric, mode } = matrixQuery(params);
  const cell = cellOf(params);
  const where = mode === 'adaptive' ? 'adaptive' : 'transfer';
  return {
    title: `${cell ? `${cell.model} under ${cell.attack}` : metricName(metric)}, ${where} · ${name}`,
    description: MODE_TEXT[mode],
  };
}

/** Models against attacks, each by one metric. */
export async function MatrixPage({ id, params }: { readonly id: string; readonly params: URLSearchParams }) {
  const { metric } = matrixQuery(params);
  const cell = cellOf(params);
  const loaded = await attempt(async () => {
    await Promise.all([
      queryClient().fetchQuery(api.runs.matrix.queryOptions({ id, metric })),
      queryClient().fetchQuery(api.runs.standings.queryOptions({ id })),
      queryClient().fetchQuery(api.runs.findings.queryOptions({ id })),
    ]);
    // A cell that does not exist is said so beside the matrix.
    if (cell) await queryClient().prefetchQuery(api.runs.cell.queryOptions({ id, ...cell }));
  });
  // The layout has said it already.
  if ('failure' in loaded) return <RunFailure {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <MatrixView id={id} />
    </HydrationBoundary>
  );
}
