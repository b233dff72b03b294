import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';

import { FailureView } from '@/components/ui/failure';
import { api, attempt, caller, dehydrated, queryClient } from '@/server/api';

import { ModelCard } from './model-card';

type Params = Promise<{ readonly artifact: string }>;

async function load(params: Params) {
  const { artifact } = await params;
  if (!/^[0-9a-f]{6,64}$/.test(artifact)) notFound();
  return attempt(async () => (await caller()).models.get({ artifact }));
}

export async function generateMetadata({ params }: { readonly params: Params }): Promise<Metadata> {
  const loaded = await load(params);
  return { title: 'data' in loaded ? `${loaded.data.label}, seed ${loaded.data.seed}` : 'Model' };
}

export default async function ModelPage({ params }: { readonly params: Params }) {
  const loaded = await load(params);
  if ('failure' in loaded) {
    if (loaded.failure.code === 'NOT_FOUND') notFound();
    return <FailureView {...loaded.failure} />;
  }
  await attempt(() => queryClient().fetchQuery(api.notes.of.queryOptions({ model: loaded.data.artifact })));
  return (
    <HydrationBoundary state={dehydrated()}>
      <ModelCard model={loaded.data} />
    </HydrationBoundary>
  );
}
