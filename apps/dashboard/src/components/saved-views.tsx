'use client';

import type { ViewPlace } from '@rampart/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type FormEvent, useState } from 'react';

import { useTRPC } from '@/client/trpc';

import { moment } from './format';
import { Icon } from './icon';
import { useSearchState } from './search-state';
import { DropDown } from './ui/drop-down';
import { useMayWrite } from './visitor';

/** Filters, order and columns under names, for everybody who comes to this store. Each is an address. */
export function SavedViews({ place }: { readonly place: ViewPlace }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const pathname = usePathname();
  const { params } = useSearchState();
  const mayWrite = useMayWrite();
  const [name, setName] = useState('');
  const { data: views = [] } = useQuery(trpc.views.list.queryOptions({ place }));
  const changed = () => client.invalidateQueries({ queryKey: trpc.views.list.queryKey({ place }) });
  const add = useMutation(
    trpc.views.add.mutationOptions({
      onSuccess: async () => {
        setName('');
        await changed();
      },
    }),
  );
  const remove = useMutation(trpc.views.remove.mutationOptions({ onSuccess: changed }));
  const query = queryOf(params);
  const here = views.find((one) => one.query === query);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (name.trim() !== '') add.mutate({ place, name: name.trim(), query });
  };
  if (views.length === 0 && !mayWrite) return null;
  return (
    <DropDown
      button={
        <>
          <Icon name="bookmark" size={13} /> <span className="max-w-40 truncate">{here?.name ?? 'Views'}</span>
        </>
      }
    >
      {views.length > 0 && (
        <ul aria-label="Views">
          {views.map((view) => (
            <li key={view.name} className="flex items-center gap-1">
              <Link
                href={view.query === '' ? pathname : `${pathname}?${view.query}`}
                aria-current={view === here ? 'true' : undefined}
                title={`${view.author}, ${moment(view.at)} UTC`}
                className="min-w-0 flex-1 rounded-md px-2.5 py-1.5 text-[13px] break-words hover:bg-sunken aria-[current]:font-semibold"
              >
                {view.name}
              </Link>
              {mayWrite && (
                <button
                  type="button"
                  aria-label={`Remove the view ${view.name}`}
                  className="grid size-7 shrink-0 place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
                  onClick={() => remove.mutate({ place, name: view.name })}
                >
                  <Icon name="close" size={11} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && (
        <form onSubmit={submit} className="grid gap-1.5 p-1.5">
          <div className="flex gap-1.5">
            <input
              className="field min-w-0 flex-1"
              aria-label="Name of the view"
              placeholder="Keep what is shown as"
              value={name}
              maxLength={120}
              onChange={(event) => setName(event.target.value)}
            />
            <button type="submit" className="button" disabled={add.isPending || name.trim() === ''}>
              Keep
            </button>
          </div>
          {add.error && (
            <p role="alert" className="text-xs text-bad">
              {add.error.message}
            </p>
          )}
        </form>
      )}
    </DropDown>
  );
}

/** What makes up a view: all of the address but the page that is turned to, in an order of its own. */
function queryOf(params: URLSearchParams): string {
  const kept = new URLSearchParams(params);
  kept.delete('page');
  kept.sort();
  return kept.toString();
}
