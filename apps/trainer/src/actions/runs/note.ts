import { readFileSync } from 'node:fs';

import { RampartError, visible } from '@rampart/core';
import type { NoteRecord } from '@rampart/results';

import { noteWrite, whoAmI } from '../../note-write';
import { withStore } from '../../with-store';

export interface NoteArguments {
  readonly history?: boolean;
  readonly json?: boolean;
  readonly store: string;
}

/** Characters of a note, here as on the dashboard. */
const LONGEST = 20_000;

/** `rampart runs note`. */
export async function note(id: string, text: string | undefined, options: NoteArguments): Promise<void> {
  const written = text === '-' ? readFileSync(0, 'utf8') : text;
  if (written !== undefined && written.length > LONGEST) {
    throw new RampartError({
      code: 'usage',
      message: `Expected a note of at most ${LONGEST} characters. Received ${written.length}.`,
    });
  }
  await withStore(options.store, { readOnly: written === undefined }, async (store) => {
    const run = await store.runs.get(id);
    const subject = { run: run.id };
    const before = await store.notes.find(subject);
    if (written === undefined) {
      const all = options.history ? await store.notes.history(subject) : before ? [before] : [];
      if (options.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
      else process.stdout.write(all.length === 0 ? 'No note.\n' : `${all.map(noteText).join('\n')}`);
      return;
    }
    const { written: kept, latest } = await store.notes.write(subject, {
      ...{ text: written.trimEnd(), author: whoAmI(), seen: before?.revision ?? 0 },
    });
    if (!kept) {
      throw new RampartError({
        code: 'usage',
        message: `${latest.author} has written a note about run ${run.id} at the same moment. "rampart runs note ${run.id}" shows it; yours was not written.`,
      });
    }
    await noteWrite(store, 'notes.write', { about: subject, text: latest.text });
    const earlier = before ? ` What it said before is kept: "rampart runs note ${run.id} --history".` : '';
    process.stdout.write(`Noted.${earlier}\n`);
  });
}

function noteText({ text, author, at }: NoteRecord): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return visible(`${author}, ${when}\n${text === '' ? '(taken away)' : text}\n`);
}
