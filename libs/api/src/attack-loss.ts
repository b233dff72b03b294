import type { LossPoint } from '@rampart/core';
import { arrangeCurves } from '@rampart/reports';
import { type CellRecord, type RunSummary, type Store } from '@rampart/results';

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
  const [diagram] = arrangeCurves(points.filter((point) => point.model === attacked && point.series === attack));
  return diagram?.series[0]?.points ?? [];
}

/** The model that the examples of a static cell were made against: the one that they are its own, white-box. */
function origin(cells: readonly CellRecord[], model: string): string | undefined {
  const step = cells.find((cell) => cell.mode === 'static' && cell.model === model)?.attackStep;
  const same = cells.filter((cell) => cell.attackStep === step);
  // A run without white-box examples has the model that it replays examples of before the others.
  return (same.find((cell) => cell.mode === 'adaptive') ?? same[0])?.model;
}
