import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';
import { PageHead } from '@/components/ui/page-head';
import { WritersOnly } from '@/components/visitor';
import { api, attempt, dehydrated, queryClient } from '@/server/api';

import { SwapIn } from './swap-in';

export const metadata: Metadata = { title: 'Swap in a model' };

export default async function SwapInPage() {
  const loaded = await attempt(() => queryClient().fetchQuery(api.swapIn.catalog.queryOptions()));
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <PageHead title="Swap in a model">
        Any ONNX classifier, from whichever framework: inspected, attacked itself with its true gradients where it has
        some, and compared with the others.
      </PageHead>
      <WritersOnly what="bring models to this store">
        <SwapIn />
      </WritersOnly>
    </HydrationBoundary>
  );
}
