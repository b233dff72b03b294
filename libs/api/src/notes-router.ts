import type { NoteSubject, Store } from '@rampart/results';
import { z } from 'zod';

import { checksum, noteText, runId } from './inputs';
import { existingModel } from './models-router';
import { existing } from './runs-router';
import { LOCAL, procedure, router } from './trpc';

/** What a note is about. */
const about = z.union([z.object({ run: runId }), z.object({ model: checksum })]);

/** What people say about runs and models. */
export const notesRouter = router({
  /** Null where nobody has said anything. */
  of: procedure
    .input(about)
    .query(async ({ ctx: { store }, input }) => (await store.notes.find(await known(store, input))) ?? null),

  /** All revisions, the latest first. */
  history: procedure
    .input(about)
    .query(async ({ ctx: { store }, input }) => store.notes.history(await known(store, input))),

  /**
   * Writes a note. Where somebody else has written meanwhile, nothing is, and `latest` is what they wrote: whoever wants
   * to have the last word says that they have seen it.
   */
  write: procedure
    .input(z.object({ about, text: noteText, seen: z.int().min(0) }))
    .mutation(async ({ ctx: { store, visitor }, input: { text, seen, ...input } }) =>
      store.notes.write(await known(store, input.about), { text, seen, author: (visitor ?? LOCAL).name }),
    ),
});

/** @throws TRPCError NOT_FOUND */
async function known(store: Store, subject: NoteSubject): Promise<NoteSubject> {
  return 'run' in subject
    ? { run: (await existing(store, subject.run)).id }
    : { model: (await existingModel(store, subject.model)).artifact };
}
