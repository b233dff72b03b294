import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';

import { api, attempt, dehydrated, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { RunFailure } from '../run-failure';
import { Gallery } from './gallery';
import { galleryQuery } from './query';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { model, attack, page } = galleryQuery((await params).id, parameters(await searchParams));
  const about = [model, attack && `under ${attack}`].filter(Boolean).join(' ');
  return { title: `Gallery${about && `: ${about}`}${page > 1 ? `, page ${page}` : ''}` };
}

export default async function GalleryPage({ params, searchParams }: Props) {
  const { id } = await params;
  const query = galleryQuery(id, parameters(await searchParams));
  const loaded = await attempt(() => queryClient().fetchQuery(api.gallery.page.queryOptions(query)));
  if ('failure' in loaded) return <RunFailure {...loaded.failure} />;
  return (
    <HydrationBoundary state={dehydrated()}>
      <Gallery id={id} />
    </HydrationBoundary>
  );
}
