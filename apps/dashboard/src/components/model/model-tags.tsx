'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';

import { useTRPC } from '@/client/trpc';

import { Icon } from '../icon';
import { TagLinks } from '../tag-links';
import { useTagLine } from '../use-tag-line';
import { useMayWrite } from '../visitor';

/** The tags of a model, which it has in whatever run it is. */
export function ModelTags({ artifact, tags }: { readonly artifact: string; readonly tags: readonly string[] }) {
  const trpc = useTRPC();
  const router = useRouter();
  const mayWrite = useMayWrite();
  const [editing, setEditing] = useState(false);
  const save = useMutation(
    trpc.models.tag.mutationOptions({
      onSuccess: () => {
        setEditing(false);
        router.refresh();
      },
    }),
  );
  const line = useTagLine((given) => save.mutate({ artifact, tags: given }));
  if (editing) {
    const submit = (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      line.submit(String(new FormData(event.currentTarget).get('tags')));
    };
    const problem = line.problem ?? save.error?.message;
    return (
      <form onSubmit={submit} className="mt-1.5 flex flex-wrap items-center gap-2">
        <input
          name="tags"
          className="field w-64 max-w-full"
          aria-label="Tags, parted by commas"
          defaultValue={tags.join(', ')}
          maxLength={400}
          autoComplete="off"
          autoFocus
        />
        <button type="submit" className="button" data-primary disabled={save.isPending}>
          Save
        </button>
        <button type="button" className="button" onClick={() => setEditing(false)}>
          Cancel
        </button>
        {problem && (
          <p role="alert" className="w-full text-bad">
            {problem}
          </p>
        )}
      </form>
    );
  }
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-1.5 text-xs">
      <TagLinks tags={tags} to={(tag) => `/models?tag=${encodeURIComponent(tag)}`} />
      {mayWrite && (
        <button type="button" className="link inline-flex items-center gap-1" onClick={() => setEditing(true)}>
          <Icon name="tag" size={11} /> {tags.length === 0 ? 'Add tags' : 'Edit tags'}
        </button>
      )}
    </div>
  );
}
