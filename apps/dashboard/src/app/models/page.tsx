import type { Metadata } from 'next';
import Link from 'next/link';

import { count } from '@/components/format';
import { Icon } from '@/components/icon';
import { ModelTable } from '@/components/model/model-table';
import { Empty } from '@/components/ui/empty';
import { FailureView } from '@/components/ui/failure';
import { PageHead } from '@/components/ui/page-head';
import { attempt, caller } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

export const metadata: Metadata = { title: 'Models' };

export default async function ModelsPage({ searchParams }: { readonly searchParams: Search }) {
  const params = parameters(await searchParams);
  const search = params.get('search')?.slice(0, 200) || undefined;
  const asked = Number(params.get('page') ?? 1);
  const page = Number.isInteger(asked) && asked >= 1 && asked <= 100_000 ? asked : 1;
  const loaded = await attempt(async () => (await caller()).models.list({ page, ...(search && { search }) }));
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  const { models, total, pages } = loaded.data;
  const to = (target: number) => `/models?${new URLSearchParams({ ...(search && { search }), page: String(target) })}`;
  return (
    <>
      <PageHead
        title="Models"
        actions={
          <Link href="/swap-in" className="button" data-primary>
            <Icon name="upload" size={13} /> Swap in a model
          </Link>
        }
      >
        {count(total, 'model')} in this store
      </PageHead>
      <form role="search" action="/models" className="mb-3 flex gap-2">
        <input
          type="search"
          name="search"
          aria-label="Search models"
          placeholder="Label of a model"
          defaultValue={search}
          className="field w-full max-w-xs"
        />
        <button type="submit" className="button">
          Search
        </button>
      </form>
      {models.length === 0 ? (
        <Empty icon="search" title={search ? 'No model matches' : 'No models yet'}>
          {search ? (
            <Link href="/models" className="button">
              All models
            </Link>
          ) : (
            <p>A model appears here as soon as a run has trained it.</p>
          )}
        </Empty>
      ) : (
        <ModelTable models={models} />
      )}
      {pages > 1 && (
        <nav aria-label="Pages" className="mt-3 flex items-center justify-end gap-2 text-[13px] text-ink-2">
          <span className="figures mr-2">
            Page {page} of {pages}
          </span>
          {page > 1 && (
            <Link href={to(page - 1)} rel="prev" className="button">
              Newer
            </Link>
          )}
          {page < pages && (
            <Link href={to(page + 1)} rel="next" className="button">
              Older
            </Link>
          )}
        </nav>
      )}
    </>
  );
}
