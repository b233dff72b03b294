import { type LossPoint, meanLoss } from '@rampart/core';
import type { CellRecord, RunSummary, Store } from '@rampart/results';

/**
 * How the loss of the attack fell that made the examples of a cell, the mean over the seeds: of the cell's own model,
 * or of the one whose examples were replayed on it. Empty where it was not recorded.
 */
export async function attackLoss(
  store: Store,
  run: RunSummary,
  { model, attack, mode }: Pick<CellRecord, 'model' | 'attack' | 'mode'>,
): Promise<readonly LossPoint[]> {
  if (mode === 'clean') return [];
  const [points, cells] = await Promise.all([
    store.curves.ofRun(run.id, 'attack-loss'),
    store.cells.ofRun(run.id, { attack }),
  ]);
  const attacked = mode === 'adaptive' ? model : origin(cells, model);
  const bySeed = new Map<number, LossPoint[]>();
  for (const { seed, model: of, series, x, y } of points) {
    if (of !== attacked || series !== attack) continue;
    bySeed.set(seed, [...(bySeed.get(seed) ?? []), [x, y]]);
  }
  return meanLoss([...bySeed.values()].map((curve) => ({ instances: 1, curve })));
}

/** The model that the examples of a static cell were made against: the one that they are its own, white-box. */
function origin(cells: readonly CellRecord[], model: string): string | undefined {
  const step = cells.find((cell) => cell.mode === 'static' && cell.model === model)?.attackStep;
  const same = cells.filter((cell) => cell.attackStep === step);
  // A run without white-box examples has the model that it replays examples of before the others.
  return (same.find((cell) => cell.mode === 'adaptive') ?? same[0])?.model;
}
