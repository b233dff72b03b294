import { type RawBuilder, sql, type SqlBool } from 'kysely';

/** What a search can be about alone. */
const FIELDS = {
  name: sql`lower(name)`,
  dataset: sql`lower(dataset)`,
  model: sql`lower(models)`,
  tag: sql`lower(tags)`,
  id: sql`id`,
} as const;

/** All that a run says of itself: its experiment names the attacks, threats and defenses with their parameters. */
const EVERYWHERE = sql`lower(name || ' ' || dataset || ' ' || models || ' ' || tags || ' ' || id || ' ' || experiment || ' ')`;

/** What may follow a number: "epsilon=0.1" is not to find "epsilon=0.15". */
const NUMBER_ENDS = [')', ',', ']', '}', ';', '"', "'", ' ', '\n'];

interface SearchTerm {
  /** In lower case. */
  readonly text: string;
  readonly field?: keyof typeof FIELDS;
  /** Whether runs that have it are left out. */
  readonly not: boolean;
}

/**
 * A search as people write it: words that a run must all have, in any case and anywhere. "Two words" belong together
 * within quotes; `name:`, `dataset:`, `model:`, `tag:` and `id:` say where; a minus before a word leaves out what has it.
 */
export function searchTerms(search: string): SearchTerm[] {
  const found = search.toLowerCase().matchAll(/(-?)(?:(name|dataset|model|tag|id):)?(?:"([^"]+)"?|(\S+))/g);
  return [...found].map(([, minus, field, phrase, word]) => ({
    text: phrase ?? word!,
    ...(field !== undefined && { field: field as keyof typeof FIELDS }),
    not: minus === '-',
  }));
}

/** Whether a run has all that is searched for. */
export function matches(search: string): RawBuilder<SqlBool>[] {
  return searchTerms(search).map(({ text, field, not }) => {
    const within = field === undefined ? EVERYWHERE : FIELDS[field];
    const ends = /=[\d./]*\d$/.test(text) ? NUMBER_ENDS : [''];
    const patterns = ends.map((end) => sql`${within} like ${`%${escapeLike(text + end)}%`} escape '\\'`);
    const found = sql`(${sql.join(patterns, sql` or `)})`;
    return not ? sql<SqlBool>`not ${found}` : sql<SqlBool>`${found}`;
  });
}

/** Text as `like ... escape '\'` finds it, and nothing else. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}
