'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';

import { useTRPC } from '@/client/trpc';
import { count } from '@/components/format';
import { Icon } from '@/components/icon';
import { useUndo } from '@/components/undo';
import { useTagLine } from '@/components/use-tag-line';
import { ForWriters } from '@/components/visitor';

import type { RunEntry } from './run-list';

/** What can be done to the runs that were chosen, all at once. */
export function PickedRuns({ runs, onNone }: { readonly runs: readonly RunEntry[]; readonly onNone: () => void }) {
  const ids = runs.map(({ id }) => id);
  const deleted = runs.some(({ deletedAt }) => deletedAt !== undefined);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2 text-[13px]">
      <span role="status">{count(runs.length, 'run')} chosen</span>
      <Link href={`/compare?runs=${ids.join(';')}`} className="button">
        <Icon name="compare" size={14} /> Compare {runs.length === 1 ? 'it' : 'them'}
      </Link>
      <ForWriters>{!deleted && <Changes runs={runs} onNone={onNone} />}</ForWriters>
      <button type="button" className="button" onClick={onNone}>
        Choose none
      </button>
    </div>
  );
}

function Changes({ runs, onNone }: { readonly runs: readonly RunEntry[]; readonly onNone: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const told = useUndo();
  const shelve = useMutation(trpc.runs.archive.mutationOptions());
  const remove = useMutation(trpc.runs.delete.mutationOptions());
  const restore = useMutation(trpc.runs.restore.mutationOptions());
  const tag = useMutation(trpc.runs.tag.mutationOptions());
  const [tags, setTags] = useState('');
  const which = count(runs.length, 'run');
  const are = runs.length === 1 ? 'is' : 'are';
  const changed = () => client.invalidateQueries({ queryKey: trpc.runs.pathKey() });
  const all = async (change: (run: RunEntry) => Promise<unknown>) => {
    try {
      for (const run of runs) await change(run);
    } finally {
      await changed();
    }
  };
  const act = async (change: (run: RunEntry) => Promise<unknown>, text: string, back: typeof change) => {
    try {
      await all(change);
      onNone();
      told({ text, undo: () => all(back) });
    } catch (error) {
      told({ text: (error as Error).message });
    }
  };
  const tagLine = useTagLine(
    (added) =>
      void act(
        (run) => tag.mutateAsync({ id: run.id, tags: [...new Set([...run.tags, ...added])] }),
        `${which} ${are} tagged.`,
        (run) => tag.mutateAsync({ id: run.id, tags: [...run.tags] }),
      ),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (tags.trim() !== '') tagLine.submit(tags);
  };
  return (
    <>
      <form className="flex gap-1" onSubmit={submit}>
        <input
          className="field w-32"
          aria-label="Tags to add, parted by commas"
          placeholder="tag"
          maxLength={400}
          autoComplete="off"
          value={tags}
          onChange={(event) => setTags(event.target.value)}
        />
        <button type="submit" className="button">
          <Icon name="tag" size={13} /> Add tags
        </button>
      </form>
      <button
        type="button"
        className="button"
        onClick={() =>
          void act(
            (run) => shelve.mutateAsync({ id: run.id, archived: true }),
            `${which} ${are} archived.`,
            (run) => shelve.mutateAsync({ id: run.id, archived: run.archivedAt !== undefined }),
          )
        }
      >
        <Icon name="archive" size={13} /> Archive
      </button>
      <button
        type="button"
        className="button"
        onClick={() =>
          void act(
            (run) => remove.mutateAsync({ id: run.id }),
            `${which} ${are} deleted, and can be restored for a week.`,
            (run) => restore.mutateAsync({ id: run.id }),
          )
        }
      >
        <Icon name="trash" size={13} /> Delete
      </button>
      {tagLine.problem !== undefined && (
        <span role="alert" className="text-bad">
          {tagLine.problem}
        </span>
      )}
    </>
  );
}
