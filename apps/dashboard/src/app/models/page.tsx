import type { Metadata } from 'next';
import Link from 'next/link';

import { Columns } from '@/components/columns';
import { count } from '@/components/format';
import { hiddenColumns } from '@/components/hidden-columns';
import { Icon } from '@/components/icon';
import { MODEL_COLUMNS, ModelTable } from '@/components/model/model-table';
import { SavedViews } from '@/components/saved-views';
import { Empty } from '@/components/ui/empty';
import { FailureView } from '@/components/ui/failure';
import { PageHead } from '@/components/ui/page-head';
import { SearchField } from '@/components/ui/search-field';
import { ForWriters } from '@/components/visitor';
import { attempt, caller } from '@/server/api';
import { parameters, type Search } from '@/server/parameters';

import { modelsQuery } from './query';
import { withParams } from '@/components/with-params';

export const metadata: Metadata = { title: 'Models' };

/** Columns that the list can be sorted by. */
const SORTED = ['label', 'dataset', 'parameters', 'clean-error'];

const COLUMNS = MODEL_COLUMNS.map(({ id, name }) => [id, name] as const);

export default async function ModelsPage({ searchParams }: { readonly searchParams: Search }) {
  const params = parameters(await searchParams);
  const query = modelsQuery(params);
  const { search, tag, order, descending, page = 1 } = query;
  const loaded = await attempt(async () => (await caller()).models.list(query));
  if ('failure' in loaded) return <FailureView {...loaded.failure} />;
  const { models, total, pages } = loaded.data;
  const to = (target: number) => withParams('/models', params, { page: target === 1 ? undefined : String(target) });
  const head = (id: string, name: string) => {
    if (!SORTED.includes(id)) return { content: name };
    const here = id === order;
    const dir = here && !descending ? 'desc' : 'asc';
    const content = (
      <Link
        href={withParams('/models', params, { order: id, dir, page: undefined })}
        scroll={false}
        className={`inline-flex items-center gap-1 hover:text-ink ${here ? 'text-ink' : ''}`}
      >
        {name}
        {here && <Icon name={descending ? 'down' : 'up'} size={11} />}
      </Link>
    );
    return { content, sorted: here ? (descending ? ('descending' as const) : ('ascending' as const)) : undefined };
  };
  return (
    <>
      <PageHead
        title="Models"
        actions={
          <>
            <SavedViews place="models" />
            <Columns all={COLUMNS} />
            <ForWriters>
              <Link href="/swap-in" className="button" data-primary>
                <Icon name="upload" size={13} /> Swap in a model
              </Link>
            </ForWriters>
          </>
        }
      >
        {search || tag ? `${count(total, 'model')} found` : `${count(total, 'model')} in this store`}
      </PageHead>
      <form role="search" aria-label="Models" action="/models" className="mb-3 flex flex-wrap items-center gap-2">
        <SearchField label="Search models" placeholder="Model, run, dataset" />
        {tag && (
          <Link
            href={withParams('/models', params, { tag: undefined, page: undefined })}
            className="button"
            aria-label={`Tag ${tag}: remove the filter`}
          >
            {tag} <Icon name="close" size={11} />
          </Link>
        )}
      </form>
      {models.length === 0 ? (
        <Empty
          icon="search"
          title={total > 0 ? `There is no page ${page}` : search || tag ? 'No model matches' : 'No models yet'}
        >
          {total > 0 ? (
            <Link href={to(1)} className="button">
              The first of {count(pages, 'page')}
            </Link>
          ) : search || tag ? (
            <Link href="/models" className="button">
              All models
            </Link>
          ) : (
            <p>A model appears here as soon as a run has trained it.</p>
          )}
        </Empty>
      ) : (
        <ModelTable models={models} hidden={hiddenColumns(params)} head={head} />
      )}
      {pages > 1 && models.length > 0 && (
        <nav aria-label="Pages" className="mt-3 flex items-center justify-end gap-2 text-[13px] text-ink-2">
          <span className="figures mr-2">
            Page {page} of {pages}
          </span>
          {page > 1 && (
            <Link href={to(page - 1)} rel="prev" className="button">
              <Icon name="left" size={12} /> Before
            </Link>
          )}
          {page < pages && (
            <Link href={to(page + 1)} rel="next" className="button">
              After <Icon name="right" size={12} />
            </Link>
          )}
        </nav>
      )}
    </>
  );
}
