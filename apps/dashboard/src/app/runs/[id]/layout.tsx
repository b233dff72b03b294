import { HydrationBoundary } from '@tanstack/react-query';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';

import { FailureView } from '@/components/ui/failure';
import { api, attempt, dehydrated, queryClient } from '@/server/api';

import { RunHead } from './run-head';

type Params = Promise<{ readonly id: string }>;

export async function generateMetadata({ params }: { readonly params: Params }): Promise<Metadata> {
  const { id } = await params;
  const loaded = await attempt(() => queryClient().fetchQuery(api.runs.get.queryOptions({ id })));
  if ('failure' in loaded) return { title: 'Run' };
  const { name } = loaded.data.run;
  return { title: { default: name, template: `%s · ${name} · Rampart` } };
}

export default async function RunLayout(props: { readonly params: Params; readonly children: ReactNode }) {
  const { id } = await props.params;
  const loaded = await attempt(() => queryClient().fetchQuery(api.runs.get.queryOptions({ id })));
  if ('failure' in loaded) {
    if (loaded.failure.code === 'NOT_FOUND') notFound();
    return <FailureView {...loaded.failure} />;
  }
  await attempt(() => queryClient().fetchQuery(api.notes.of.queryOptions({ run: loaded.data.run.id })));
  return (
    <HydrationBoundary state={dehydrated()}>
      <RunHead id={id} />
      {props.children}
    </HydrationBoundary>
  );
}
