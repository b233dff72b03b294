import type { CellRecord } from '@rampart/results';

/**
 * The largest possible error rate: an attack changes nothing but the attacked instances of a mixed test set, so that it
 * can add no more errors than these. 1 for other figures, and where the run does not tell how many were attacked.
 * @param cells all of a run
 */
export function possibleErrors(cells: readonly CellRecord[]): (cell: CellRecord) => number {
  const byKey = new Map(cells.map((cell) => [keyOf(cell), cell]));
  return (cell) => {
    if (cell.unit !== 'fraction') return Infinity;
    if (cell.metric !== 'error-rate' || cell.mode === 'clean') return 1;
    const attacked = (
      byKey.get(keyOf({ ...cell, metric: 'recall' })) ?? byKey.get(keyOf({ ...cell, metric: 'success-rate' }))
    )?.count;
    if (attacked === undefined) return 1;
    const clean = { ...cell, attack: 'none', mode: 'clean' } as const;
    const errors = (byKey.get(keyOf(clean))?.value ?? 1) * cell.count;
    const missed = attacked * (1 - (byKey.get(keyOf({ ...clean, metric: 'recall' }))?.value ?? 1));
    return Math.min(1, (attacked + Math.max(0, errors - missed)) / cell.count);
  };
}

function keyOf({ runId, seed, model, attack, mode, metric }: CellRecord): string {
  return JSON.stringify([runId, seed, model, attack, mode, metric]);
}
