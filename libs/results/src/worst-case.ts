import type { CellMode, CellRecord } from './records';

/** The attack that a model stands up to least. */
export interface WorstCase {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  /** Mean over the seeds, a fraction. */
  readonly errorRate: number;
}

/**
 * The worst case of every model, the model that stands up best first. Where any model of the run was attacked
 * itself, only such figures count: what another model's examples do to it is no measure of its robustness.
 */
export function worstCase(cells: readonly CellRecord[]): WorstCase[] {
  const errors = cells.filter((cell) => cell.metric === 'error-rate' && cell.mode !== 'clean');
  const mode: CellMode = errors.some((cell) => cell.mode === 'adaptive') ? 'adaptive' : 'static';
  const sums = new Map<string, Map<string, { sum: number; count: number }>>();
  for (const cell of errors) {
    if (cell.mode !== mode) continue;
    const attacks = sums.get(cell.model) ?? new Map<string, { sum: number; count: number }>();
    const entry = attacks.get(cell.attack) ?? { sum: 0, count: 0 };
    entry.sum += cell.value;
    entry.count += 1;
    sums.set(cell.model, attacks.set(cell.attack, entry));
  }
  const result = [...sums].map(([model, attacks]) => {
    const means = [...attacks].map(([attack, { sum, count }]) => ({ model, attack, mode, errorRate: sum / count }));
    return means.reduce((worst, one) => (one.errorRate > worst.errorRate ? one : worst));
  });
  return result.sort((a, b) => a.errorRate - b.errorRate);
}
