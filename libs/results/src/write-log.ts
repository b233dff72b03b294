import type { Kysely } from 'kysely';

import type { StoreSchema } from './schema';

/** That somebody has changed something. */
export interface WriteRecord {
  readonly at: number;
  /** The name of a token, or what the process calls its own user. */
  readonly author: string;
  /** What was done, such as `runs.rename`. */
  readonly action: string;
  /** What with. */
  readonly subject: string;
}

/** Characters of a subject that are kept. */
const SUBJECT = 500;

/** Who has changed what over the network. */
export class WriteLog {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  async note({ author, action, subject }: Omit<WriteRecord, 'at'>): Promise<void> {
    const row = { at: this.now(), author, action, subject: subject.slice(0, SUBJECT) };
    await this.db.insertInto('writes').values(row).execute();
  }

  /** The latest, latest first. */
  async latest(limit: number): Promise<WriteRecord[]> {
    return this.db
      .selectFrom('writes')
      .select(['at', 'author', 'action', 'subject'])
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
  }
}
