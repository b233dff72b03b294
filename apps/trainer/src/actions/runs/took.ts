import type { RunSummary } from '@rampart/results';

/** How long a run took, or takes so far: `12 s`, `3 min 5 s`. */
export function tookText({ startedAt, finishedAt = Date.now() }: Pick<RunSummary, 'startedAt' | 'finishedAt'>): string {
  const seconds = Math.round((finishedAt - startedAt) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
