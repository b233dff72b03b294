'use client';

import { Dialog } from '@base-ui/react/dialog';
import { Menu } from '@base-ui/react/menu';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';

import { useTRPC } from '@/client/trpc';

import { Icon, type IconName } from './icon';
import { type ActionRun, TRIGGER } from './run-trigger';
import { useUndo } from './undo';
import { useTagLine } from './use-tag-line';

type Open = 'rename' | 'tags' | undefined;

/** What can be done to a run: rename, tag, cancel, archive, delete, restore. Open from the start, since it is loaded when it is asked for. */
export function RunMenu({ run }: { readonly run: ActionRun }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const pathname = usePathname();
  const [open, setOpen] = useState<Open>();
  const changed = async () => {
    setOpen(undefined);
    await client.invalidateQueries({ queryKey: trpc.runs.pathKey() });
    router.refresh();
  };
  const rename = useMutation(trpc.runs.rename.mutationOptions({ onSuccess: changed }));
  const tag = useMutation(trpc.runs.tag.mutationOptions({ onSuccess: changed }));
  const tagLine = useTagLine((tags) => tag.mutate({ id: run.id, tags }));
  const told = useUndo();
  const refused = (error: { readonly message: string }) => told({ text: error.message });
  const cancel = useMutation(trpc.runs.cancel.mutationOptions({ onSuccess: changed }));
  const restore = useMutation(trpc.runs.restore.mutationOptions({ onSuccess: changed }));
  const shelve = useMutation(trpc.runs.archive.mutationOptions({ onSuccess: changed }));
  const remove = useMutation(trpc.runs.delete.mutationOptions());
  const archive = async () => {
    await shelve.mutateAsync({ id: run.id, archived: true });
    told({
      text: `“${run.name}” is archived.`,
      undo: () => shelve.mutateAsync({ id: run.id, archived: false }),
    });
  };
  const takeAway = async () => {
    await remove.mutateAsync({ id: run.id });
    if (pathname !== '/runs') router.push('/runs');
    await changed();
    told({
      text: `“${run.name}” is deleted. It can be restored for a week.`,
      undo: () => restore.mutateAsync({ id: run.id }),
    });
  };
  const close = (next: boolean) => {
    if (!next) setOpen(undefined);
  };
  return (
    <>
      <Menu.Root defaultOpen>
        <Menu.Trigger className={TRIGGER} aria-label={`Actions for ${run.name}`}>
          <Icon name="more" />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner align="end" sideOffset={4} className="z-40 outline-none">
            <Menu.Popup className="min-w-40 rounded-lg border border-line bg-raised p-1 shadow-pop outline-none">
              {run.deletedAt === undefined ? (
                <>
                  <Item icon="pencil" onClick={() => setOpen('rename')}>
                    Rename
                  </Item>
                  <Item icon="tag" onClick={() => setOpen('tags')}>
                    Edit tags
                  </Item>
                  <Item icon="copy" onClick={() => router.push(`/experiment?run=${run.id}`)}>
                    Duplicate and edit
                  </Item>
                  {(run.state === 'running' || run.state === 'interrupted') && (
                    <Item icon="stop" onClick={() => cancel.mutate({ id: run.id }, { onError: refused })}>
                      {run.state === 'running' ? 'Cancel the run' : 'Mark as cancelled'}
                    </Item>
                  )}
                  {run.archivedAt === undefined ? (
                    <Item icon="archive" onClick={() => void archive().catch(refused)}>
                      Archive
                    </Item>
                  ) : (
                    <Item
                      icon="archive"
                      onClick={() => shelve.mutate({ id: run.id, archived: false }, { onError: refused })}
                    >
                      Take out of the archive
                    </Item>
                  )}
                  {run.state !== 'running' && (
                    <Item icon="trash" danger onClick={() => void takeAway().catch(refused)}>
                      Delete
                    </Item>
                  )}
                </>
              ) : (
                <Item icon="undo" onClick={() => restore.mutate({ id: run.id }, { onError: refused })}>
                  Restore
                </Item>
              )}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>

      <Dialog.Root open={open === 'rename'} onOpenChange={close}>
        <Sheet title="Rename the run">
          <OneField
            label="Name"
            initial={run.name}
            error={rename.error?.message}
            most={120}
            pending={rename.isPending}
            onSave={(name) => rename.mutate({ id: run.id, name })}
          />
        </Sheet>
      </Dialog.Root>
      <Dialog.Root open={open === 'tags'} onOpenChange={close}>
        <Sheet title="Tags">
          <OneField
            label="Tags, parted by commas"
            initial={run.tags.join(', ')}
            error={tagLine.problem ?? tag.error?.message}
            most={400}
            pending={tag.isPending}
            onSave={tagLine.submit}
          />
        </Sheet>
      </Dialog.Root>
    </>
  );
}

const SHEET =
  'fixed top-1/2 left-1/2 z-50 w-[min(420px,calc(100vw-32px))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-raised p-5 shadow-pop outline-none';

function Item(props: {
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly onClick: () => void;
  readonly children: string;
}) {
  return (
    <Menu.Item
      onClick={props.onClick}
      className={`flex cursor-default items-center gap-2 rounded-md px-2.5 py-1.5 text-[13px] outline-none data-[highlighted]:bg-sunken ${props.danger ? 'text-bad' : ''}`}
    >
      <Icon name={props.icon} size={14} />
      {props.children}
    </Menu.Item>
  );
}

function Sheet({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <Dialog.Portal>
      <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
      <Dialog.Popup className={SHEET}>
        <Dialog.Title className="mb-3 text-[15px] font-semibold">{title}</Dialog.Title>
        {children}
      </Dialog.Popup>
    </Dialog.Portal>
  );
}

function OneField(props: {
  readonly label: string;
  readonly initial: string;
  readonly error: string | null | undefined;
  /** Characters. */
  readonly most: number;
  readonly pending: boolean;
  readonly onSave: (value: string) => void;
}) {
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    props.onSave(String(new FormData(event.currentTarget).get('value') ?? ''));
  };
  return (
    <form onSubmit={save}>
      <label className="block text-[13px] text-ink-2">
        {props.label}
        <input
          name="value"
          className="field mt-1 w-full"
          defaultValue={props.initial}
          maxLength={props.most}
          autoComplete="off"
        />
      </label>
      {props.error && (
        <p role="alert" className="mt-2 text-[13px] text-bad">
          {props.error}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Dialog.Close className="button">Cancel</Dialog.Close>
        <button type="submit" className="button" data-primary disabled={props.pending}>
          Save
        </button>
      </div>
    </form>
  );
}
