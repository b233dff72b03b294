import type { CellRecord } from '@rampart/results';
import { isAttack } from './attack-labels';

/** An evaluation of one model under one attack with one seed: it has instances, and pictures of them. */
export interface Evaluation {
  readonly model: string;
  readonly attack: string;
  readonly mode: 'static' | 'adaptive';
  readonly seed: number;
  readonly evaluateStep: string;
}

/** The evaluations behind a run's cells that a model is judged by, in the order of the cells. */
export function attackedEvaluations(cells: readonly CellRecord[]): Evaluation[] {
  const seen = new Set<string>();
  return cells.flatMap(({ model, attack, mode, seed, evaluateStep }) => {
    const key = JSON.stringify([model, attack, mode, seed]);
    if (seen.has(key) || !isAttack(attack) || (mode !== 'static' && mode !== 'adaptive')) return [];
    seen.add(key);
    return [{ model, attack, mode, seed, evaluateStep }];
  });
}
