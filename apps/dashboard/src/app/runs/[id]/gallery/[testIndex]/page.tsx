import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';

import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { galleryQuery, seedOf } from '../query';
import { RunFailure } from '../../run-failure';
import { Instance } from './instance';

interface Props {
  readonly params: Promise<{ readonly id: string; readonly testIndex: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Test sample ${(await params).testIndex.replace(/\D/g, '')}` };
}

export default async function InstancePage({ params, searchParams }: Props) {
  const { id, testIndex } = await params;
  if (!/^\d{1,9}$/.test(testIndex)) notFound();
  const search = parameters(await searchParams);
  const { mode } = galleryQuery(id, search);
  const query = { id, testIndex: Number(testIndex), mode, ...seedOf(search) };
  const loaded = await attempt(() => queryClient().fetchQuery(api.gallery.instance.queryOptions(query)));
  if ('failure' in loaded) return <RunFailure {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <Instance id={id} testIndex={Number(testIndex)} />
    </HydrationBoundary>
  );
}
