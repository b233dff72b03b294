import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';
import { PageHead } from '@/components/ui/page-head';
import { api, attempt, caller, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { ExperimentForm } from './experiment-form';
import { STARTING_TEXT } from './experiment-text';

export const metadata: Metadata = { title: 'New experiment' };

export default async function ExperimentPage({ searchParams }: { readonly searchParams: Search }) {
  const run = parameters(await searchParams).get('run');
  const loaded = await attempt(async () => {
    await queryClient().fetchQuery(api.swapIn.catalog.queryOptions());
    await queryClient().fetchQuery(api.runs.list.queryOptions({ perPage: 1 }));
    return run === null ? undefined : (await caller()).experiments.ofRun({ id: run });
  });
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <PageHead title="New experiment">
        {loaded.data
          ? `From the run “${loaded.data.name}”: what is left as it is, is not computed again.`
          : 'What is attacked, with what, and what defends it. The file beside the form is the experiment.'}
      </PageHead>
      <ExperimentForm initial={loaded.data?.experiment ?? STARTING_TEXT} />
    </HydrationBoundary>
  );
}
