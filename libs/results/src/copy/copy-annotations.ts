import type { Kysely } from 'kysely';

import type { StoreSchema } from '../schema';
import { type StoreTransaction, transact } from '../transact';

/**
 * Takes notes, tags of models and views over; what the other store has under the same name stays as it is. A note that
 * went on otherwise there stays as well: what followed here was said of other words.
 */
export async function copyAnnotations(from: Kysely<StoreSchema>, to: Kysely<StoreSchema>): Promise<void> {
  const notes = await from.selectFrom('notes').selectAll().orderBy('subject').orderBy('revision').execute();
  const tags = await from.selectFrom('model_tags').selectAll().execute();
  const views = await from.selectFrom('views').selectAll().execute();
  await transact(to, async (transaction) => {
    const parted = await partedNotes(transaction, notes);
    await add(
      transaction,
      'notes',
      notes.filter(({ subject }) => !parted.has(subject)),
    );
    await add(transaction, 'model_tags', tags);
    await add(transaction, 'views', views);
  });
}

type Annotations = 'notes' | 'model_tags' | 'views';

async function add(to: StoreTransaction, table: Annotations, rows: readonly object[]): Promise<void> {
  for (const row of rows) {
    await to
      .insertInto(table)
      .values(row as never)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** What there are notes about of which the other store has a revision that is another. */
async function partedNotes(
  to: StoreTransaction,
  notes: readonly { readonly subject: string; readonly revision: number; readonly text: string }[],
): Promise<ReadonlySet<string>> {
  const there = await to.selectFrom('notes').select(['subject', 'revision', 'text']).execute();
  const texts = new Map(there.map(({ subject, revision, text }) => [`${revision} ${subject}`, text]));
  const parted = notes.filter(({ subject, revision, text }) => (texts.get(`${revision} ${subject}`) ?? text) !== text);
  return new Set(parted.map(({ subject }) => subject));
}
