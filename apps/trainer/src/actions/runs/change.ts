import { isVisible, RampartError } from '@rampart/core';

import { noteWrite } from '../../note-write';
import { withStore } from '../../with-store';

export interface TagArguments {
  readonly remove?: readonly string[];
  readonly store: string;
}

/** `rampart runs cancel`. */
export async function cancel(id: string, options: { store: string }): Promise<void> {
  await withStore(options.store, { readOnly: false }, async (store) => {
    const run = await store.runs.get(id);
    if (run.state !== 'running' && run.state !== 'interrupted') {
      throw new RampartError({
        code: 'usage',
        message: `Run ${run.id} is ${run.state}: expected one that is running.`,
      });
    }
    await store.runs.requestCancel(run.id);
    await noteWrite(store, 'runs.cancel', { id: run.id });
    const then = run.state === 'running' ? 'stops after the batches under way' : 'is cancelled';
    process.stdout.write(`Run ${run.id} ${then}; "rampart runs resume ${run.id}" goes on with it.\n`);
  });
}

/** `rampart runs tag`. */
export async function tag(id: string, added: string[], { remove = [], store: directory }: TagArguments): Promise<void> {
  for (const tag of added) checkText('tag', tag);
  await withStore(directory, { readOnly: false }, async (store) => {
    const run = await store.runs.get(id);
    const unknown = remove.find((tag) => !run.tags.includes(tag));
    if (unknown !== undefined) throw noSuchTag(unknown, run.tags);
    const tags = [...run.tags, ...added].filter((tag) => !remove.includes(tag));
    await store.runs.tag(run.id, tags);
    await noteWrite(store, 'runs.tag', { id: run.id, tags });
    process.stdout.write(`Run ${run.id} has the tags: ${[...new Set(tags)].sort().join(', ') || 'none'}.\n`);
  });
}

/** `rampart runs rename`. */
export async function rename(id: string, name: string, options: { store: string }): Promise<void> {
  checkText('name', name);
  await withStore(options.store, { readOnly: false }, async (store) => {
    const run = await store.runs.get(id);
    await store.runs.rename(run.id, name.trim());
    await noteWrite(store, 'runs.rename', { id: run.id, name: name.trim() });
    process.stdout.write(`Run ${run.id} is called "${name.trim()}".\n`);
  });
}

/** Characters that a name or a tag has at most, here as on the dashboard. */
const LONGEST = { name: 120, tag: 31 } as const;

function checkText(what: keyof typeof LONGEST, text: string): void {
  const taken = what === 'name' ? isVisible(text) : /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(text);
  if (text.trim() !== '' && taken && text.length <= LONGEST[what]) return;
  const of = what === 'name' ? 'on one line' : 'from letters, digits, spaces, dots, dashes and underscores';
  throw new RampartError({
    code: 'usage',
    message: `Expected a ${what} of 1 to ${LONGEST[what]} characters ${of}. Received ${text.length} characters: ${JSON.stringify(text.slice(0, 40))}.`,
  });
}

function noSuchTag(tag: string, tags: readonly string[]): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The run has no tag "${tag}". It has: ${tags.join(', ') || 'none'}.`,
  });
}
