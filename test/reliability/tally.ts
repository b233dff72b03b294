/**
 * What came of a trial. `seen`: told in one clear error, or by `verify`. `harmless`: all is as it was, or the input is
 * still a valid one. The others must not be: `lost`, other results and nobody says so; `unclean`, an error that is not
 * the product's; `abort`, the process died; `hang`, nothing was heard for 20 seconds.
 */
export const OUTCOMES = ['seen', 'harmless', 'lost', 'unclean', 'abort', 'hang'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Counts of one kind of trial. */
export interface Tally {
  readonly kind: string;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Bytes of memory at most. */
  readonly memory: number;
  /** Of trials that came to what must not be, how to repeat them and what was said. */
  readonly faults: readonly string[];
}

export function emptyCounts(): Record<Outcome, number> {
  return { seen: 0, harmless: 0, lost: 0, unclean: 0, abort: 0, hang: 0 };
}

/** Whether nothing came of it that must not be. */
export function isClean({ counts }: Tally): boolean {
  return counts.lost + counts.unclean + counts.abort + counts.hang === 0;
}

/** The tallies as a table in Markdown. */
export function tallyTable(tallies: readonly Tally[]): string {
  const rows = tallies.map(({ kind, counts, memory }) => {
    const trials = Object.values(counts).reduce((sum, one) => sum + one, 0);
    return [
      kind,
      trials,
      ...OUTCOMES.map((outcome) => counts[outcome]),
      memory === 0 ? '' : Math.ceil(memory / 2 ** 20),
    ];
  });
  const head = ['kind', 'trials', ...OUTCOMES, 'MiB at most'];
  return [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
