import type { CellMode, CellRecord } from '@rampart/results';
import { isAttack } from './attack-labels';

/** An evaluation of one model under one attack with one seed: it has instances, and pictures of them. */
export interface Evaluation {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  readonly seed: number;
  readonly evaluateStep: string;
}

/** The evaluations behind a run's cells that have instances, in the order of the cells. */
export function attackedEvaluations(cells: readonly CellRecord[]): Evaluation[] {
  const seen = new Set<string>();
  return cells.flatMap(({ model, attack, mode, seed, evaluateStep }) => {
    const key = JSON.stringify([model, attack, mode, seed]);
    if (seen.has(key) || !isAttack(attack)) return [];
    seen.add(key);
    return [{ model, attack, mode, seed, evaluateStep }];
  });
}
