import type { Kysely } from 'kysely';

import type { Row, StoreSchema } from './schema';

/** What a note is about. */
export type NoteSubject = { readonly run: string } | { readonly model: string };

/** What somebody says about a run or a model. */
export interface NoteRecord {
  /** Markdown. Empty where the note was taken away. */
  readonly text: string;
  /** 1 for the first; each change is a revision of its own, and all of them stay. */
  readonly revision: number;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What came of writing a note: it is the latest, or somebody else's is, which the writer had not seen. */
export interface NoteWritten {
  readonly written: boolean;
  readonly latest: NoteRecord;
}

/** Notes about runs and models, with every revision of them. */
export class NoteStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /** The latest revision; undefined where nobody has said anything. */
  async find(subject: NoteSubject): Promise<NoteRecord | undefined> {
    const row = await this.revisions(subject).limit(1).executeTakeFirst();
    return row && noteRecord(row);
  }

  /** All revisions, the latest first. */
  async history(subject: NoteSubject): Promise<NoteRecord[]> {
    return (await this.revisions(subject).execute()).map(noteRecord);
  }

  /**
   * Writes the next revision, of two that are written at once only the first: the other is told what it had not seen.
   * @param seen the revision that the writer began with; 0 for none
   */
  async write(
    subject: NoteSubject,
    { text, author, seen }: { readonly text: string; readonly author: string; readonly seen: number },
  ): Promise<NoteWritten> {
    const before = await this.find(subject);
    if (before && before.revision !== seen) return { written: false, latest: before };
    const note = { text, author, revision: (before?.revision ?? 0) + 1, at: this.now() };
    await this.db
      .insertInto('notes')
      .values({ subject: keyOf(subject), ...note })
      .onConflict((conflict) => conflict.columns(['subject', 'revision']).doNothing())
      .execute();
    const latest = (await this.find(subject))!;
    // Not what the statement says: a server may have done it before the answer was lost, and it was made again.
    return { written: latest.text === text && latest.author === author, latest };
  }

  private revisions(subject: NoteSubject) {
    return this.db.selectFrom('notes').selectAll().where('subject', '=', keyOf(subject)).orderBy('revision', 'desc');
  }
}

/** What a subject is called in the table. */
export function keyOf(subject: NoteSubject): string {
  return 'run' in subject ? `run:${subject.run}` : `model:${subject.model}`;
}

function noteRecord({ text, revision, author, at }: Row<'notes'>): NoteRecord {
  return { text, revision, author, at };
}
