import type { Metadata } from 'next';

import { api, attempt, queryClient } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { matrixMetadata, MatrixPage } from '../matrix-page';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { id } = await params;
  const run = await attempt(() => queryClient().fetchQuery(api.runs.get.queryOptions({ id })));
  if ('failure' in run) return { title: 'No such run' };
  return matrixMetadata(run.data.run.name, parameters(await searchParams));
}

export default async function MatrixOfRun({ params, searchParams }: Props) {
  const { id } = await params;
  return <MatrixPage id={id} params={parameters(await searchParams)} />;
}
