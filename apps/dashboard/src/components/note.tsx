'use client';

import type { NoteRecord } from '@rampart/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { useTRPC } from '@/client/trpc';

import { moment } from './format';
import { Icon } from './icon';
import { useMayWrite } from './visitor';

/** It comes with the first note that there is. */
const Markdown = lazy(() => import('./markdown'));

type About = { readonly run: string } | { readonly model: string };

/** As the API takes it. */
const LONGEST = 20_000;

/** What people say about a run or a model: who said it and when, what was said before, and a way to say something else. */
export function Note({ about }: { readonly about: About }) {
  const trpc = useTRPC();
  const { data: note } = useQuery(trpc.notes.of.queryOptions(about, { refetchOnWindowFocus: true }));
  const [editing, setEditing] = useState(false);
  const mayWrite = useMayWrite();
  if (note === undefined) return null;
  const said = note !== null && note.text !== '';
  if (editing) return <Editor about={about} note={note} onEnd={() => setEditing(false)} />;
  if (!said) {
    return mayWrite ? (
      <button type="button" className="button mt-3" onClick={() => setEditing(true)}>
        <Icon name="pencil" size={13} /> Add a note
      </button>
    ) : null;
  }
  return (
    <section aria-label="Note" className="card mt-3 px-4 py-3">
      <Suspense fallback={<p className="text-[13px] whitespace-pre-line">{note.text}</p>}>
        <Markdown text={note.text} />
      </Suspense>
      <div className="mt-2 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-xs text-ink-3">
        <Signature of={note} />
        {mayWrite && (
          <button type="button" className="link" onClick={() => setEditing(true)}>
            Edit
          </button>
        )}
      </div>
      {note.revision > 1 && <History about={about} />}
    </section>
  );
}

function Signature({ of: { author, at } }: { readonly of: Pick<NoteRecord, 'author' | 'at'> }) {
  return (
    <span>
      {author}, <time dateTime={new Date(at).toISOString()}>{moment(at)} UTC</time>
    </span>
  );
}

/** What the note said before. */
function History({ about }: { readonly about: About }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const { data = [] } = useQuery(trpc.notes.history.queryOptions(about, { enabled: open }));
  return (
    <details className="mt-1 text-xs text-ink-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Earlier words</summary>
      <ol className="mt-1 grid gap-2">
        {data.slice(1).map((one) => (
          <li key={one.revision} className="border-l-2 border-line pl-3">
            <Signature of={one} />
            <p className="whitespace-pre-line break-words text-ink-2">{one.text || 'The note was taken away.'}</p>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Editor(props: { readonly about: About; readonly note: NoteRecord | null; readonly onEnd: () => void }) {
  const { about, note, onEnd } = props;
  const trpc = useTRPC();
  const client = useQueryClient();
  const [text, setText] = useState(note?.text ?? '');
  /** The revision that whoever writes has seen; the page may learn of a later one meanwhile. */
  const [seen, setSeen] = useState(note?.revision ?? 0);
  const [other, setOther] = useState<NoteRecord>();
  const write = useMutation(
    trpc.notes.write.mutationOptions({
      onSuccess: ({ written, latest }) => {
        client.setQueryData(trpc.notes.of.queryKey(about), latest);
        void client.invalidateQueries({ queryKey: trpc.notes.history.queryKey(about) });
        if (written) onEnd();
        else {
          setSeen(latest.revision);
          setOther(latest);
        }
      },
    }),
  );
  return (
    <form
      aria-label="Note"
      className="card mt-3 grid gap-2 p-3"
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate({ about, text: text.trimEnd(), seen });
      }}
    >
      {other && (
        <div role="alert" className="grid gap-2 rounded-lg bg-warn-soft px-3 py-2 text-[13px]">
          <p className="text-warn">
            {other.author} has written meanwhile, so yours below is not saved yet. Keep one of them, or put both
            together.
          </p>
          <blockquote className="border-l-2 border-line-strong pl-3 break-words whitespace-pre-line text-ink">
            {other.text || 'The note was taken away.'}
          </blockquote>
          <div className="flex flex-wrap items-center gap-2">
            <button type="button" className="button" onClick={onEnd}>
              Keep what {other.author} wrote
            </button>
            <button type="button" className="button" onClick={() => setText(`${other.text}\n\n${text}`)}>
              Put both together
            </button>
          </div>
        </div>
      )}
      <label className="grid gap-1 text-[13px] text-ink-2">
        {other ? 'What you wrote' : 'Note, in Markdown'}
        <textarea
          className="field h-32 w-full py-2 font-mono text-[13px]"
          value={text}
          maxLength={LONGEST}
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      {write.error && (
        <p role="alert" className="text-[13px] text-bad">
          {write.error.message}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <button type="submit" className="button" data-primary disabled={write.isPending}>
          {other ? 'Save mine in its place' : 'Save'}
        </button>
        {!other && (
          <button type="button" className="button" onClick={onEnd}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
