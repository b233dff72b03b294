'use client';

import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog } from '@base-ui/react/dialog';
import { Menu } from '@base-ui/react/menu';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';

import { useTRPC } from '@/client/trpc';

import { Icon, type IconName } from './icon';
import { type ActionRun, TRIGGER } from './run-trigger';

/** As the API takes it. */
const TAG = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,30}$/u;
const TAG_TEXT = 'it has letters, digits, spaces, dots and dashes, at most 31, and begins with a letter or a digit.';

type Open = 'rename' | 'tags' | 'delete' | undefined;

/** What can be done to a run: rename, tag, cancel, delete. Open from the start, since it is loaded when it is asked for. */
export function RunMenu({ run }: { readonly run: ActionRun }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const pathname = usePathname();
  const [open, setOpen] = useState<Open>();
  const [wrongTag, setWrongTag] = useState<string>();
  const changed = async () => {
    setOpen(undefined);
    await client.invalidateQueries({ queryKey: trpc.runs.pathKey() });
    router.refresh();
  };
  const rename = useMutation(trpc.runs.rename.mutationOptions({ onSuccess: changed }));
  const tag = useMutation(trpc.runs.tag.mutationOptions({ onSuccess: changed }));
  const cancel = useMutation(trpc.runs.cancel.mutationOptions({ onSuccess: changed }));
  const remove = useMutation(
    trpc.runs.delete.mutationOptions({
      onSuccess: async () => {
        if (pathname !== '/runs') router.push('/runs');
        await changed();
      },
    }),
  );
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
                <Item icon="stop" onClick={() => cancel.mutate({ id: run.id })}>
                  {run.state === 'running' ? 'Cancel the run' : 'Mark as cancelled'}
                </Item>
              )}
              {run.state !== 'running' && (
                <Item icon="trash" danger onClick={() => setOpen('delete')}>
                  Delete
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
            error={wrongTag === undefined ? tag.error?.message : `“${wrongTag}” is no tag: ${TAG_TEXT}`}
            most={400}
            pending={tag.isPending}
            onSave={(text) => {
              const tags = text
                .split(',')
                .map((one) => one.trim())
                .filter((one) => one !== '');
              const wrong = tags.find((one) => !TAG.test(one));
              setWrongTag(wrong);
              if (wrong === undefined) tag.mutate({ id: run.id, tags });
            }}
          />
        </Sheet>
      </Dialog.Root>
      <AlertDialog.Root open={open === 'delete'} onOpenChange={close}>
        <AlertDialog.Portal>
          <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
          <AlertDialog.Popup className={SHEET}>
            <AlertDialog.Title className="text-[15px] font-semibold">Delete “{run.name}”?</AlertDialog.Title>
            <AlertDialog.Description className="mt-1.5 text-[13px] text-ink-2">
              Its figures go for good, with the models and examples that no other run uses. This cannot be undone.
            </AlertDialog.Description>
            {remove.error && (
              <p role="alert" className="mt-2 text-[13px] text-bad">
                {remove.error.message}
              </p>
            )}
            <div className="mt-5 flex justify-end gap-2">
              <AlertDialog.Close className="button">Keep it</AlertDialog.Close>
              <button
                type="button"
                className="button"
                data-danger
                disabled={remove.isPending}
                onClick={() => remove.mutate({ id: run.id })}
              >
                Delete
              </button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
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
