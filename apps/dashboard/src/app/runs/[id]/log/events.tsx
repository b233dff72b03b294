'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { useTRPC } from '@/client/trpc';
import { count } from '@/components/format';
import { Icon } from '@/components/icon';
import { saveFile } from '@/components/save-file';
import { useSearchState } from '@/components/search-state';
import { Choice } from '@/components/ui/choice';

import { useRun } from '../use-run';
import { kindOf, KINDS, told } from './told';

/** Lines that are drawn; more are a search away, and all of them are in the file. */
const DRAWN = 500;

/** All that has happened in a run, the latest first: searched, narrowed to a kind, as a file. */
export function Events({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const { params, set } = useSearchState({ local: true });
  const { data: run } = useRun(id);
  // What came last is there with the page, and goes on coming; what was before it is asked for.
  const { data: earlier } = useQuery(trpc.runs.log.queryOptions({ id }));
  const lines = useMemo(() => {
    const entries = new Map([...(earlier ?? []), ...(run?.log ?? [])].map((entry) => [entry.id, entry]));
    return [...entries.values()]
      .filter(({ event }) => event.type !== 'step-progress')
      .sort((a, b) => b.id - a.id)
      .map(({ id: key, at, event }) => ({
        key,
        at: new Date(at).toISOString(),
        kind: kindOf(event),
        text: told(event),
      }));
  }, [earlier, run]);
  const kind = KINDS.find(([name]) => name === params.get('kind'))?.[0];
  const words = (params.get('search') ?? '').toLowerCase().split(/\s+/);
  const found = lines.filter(
    (line) =>
      (kind === undefined || line.kind === kind) && words.every((word) => line.text.toLowerCase().includes(word)),
  );
  const save = () =>
    saveFile(
      found
        .map(({ at, text }) => `${at} ${text.replaceAll('\n', ' ')}\n`)
        .reverse()
        .join(''),
      `log-${id.slice(-6)}.txt`,
    );
  return (
    <section aria-labelledby="log-title" className="card min-w-0">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
        <h2 id="log-title" className="mr-auto text-sm font-semibold">
          Log{' '}
          <span aria-live="polite" className="font-normal text-ink-3">
            {found.length === lines.length
              ? count(lines.length, 'event')
              : `${found.length} of ${count(lines.length, 'event')}`}
          </span>
        </h2>
        <input
          type="search"
          className="field min-w-0 flex-1 basis-32 sm:max-w-48"
          placeholder="Model, attack, seed"
          aria-label="Search the log"
          defaultValue={params.get('search') ?? ''}
          onChange={(event) => set({ search: event.target.value })}
        />
        <Choice label="Kind" value={kind} options={KINDS} onChange={(value) => set({ kind: value })} />
        <button type="button" className="button" onClick={save} disabled={found.length === 0}>
          <Icon name="download" size={13} /> Text
        </button>
      </div>
      {found.length === 0 ? (
        <p className="p-4 text-[13px] text-ink-3">
          {lines.length === 0 ? 'Nothing has happened yet.' : 'No event matches.'}
        </p>
      ) : (
        <ol
          className="figures max-h-[640px] divide-y divide-line overflow-auto text-[13px]"
          tabIndex={0}
          aria-label="Events, the latest first"
        >
          {found.slice(0, DRAWN).map(({ key, at, kind: of, text }) => (
            <li key={key} className={`flex gap-3 px-4 py-1.5 ${of === 'trouble' ? 'text-bad' : ''}`}>
              <time
                className={`shrink-0 ${of === 'trouble' ? '' : 'text-ink-3'}`}
                dateTime={at}
                title={`${at.slice(0, 10)}, UTC`}
              >
                {at.slice(11, 19)}
              </time>
              <span className="min-w-0 break-words">{text}</span>
            </li>
          ))}
          {found.length > DRAWN && (
            <li className="px-4 py-1.5 text-ink-3">{count(found.length - DRAWN, 'earlier event')}: in the file.</li>
          )}
        </ol>
      )}
    </section>
  );
}
