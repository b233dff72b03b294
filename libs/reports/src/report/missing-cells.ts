import type { CellRecord, RunStepCell, RunStepState, RunSummary } from '@rampart/results';

import { failedSteps } from './failures';

/** A figure that the plan of a run has and the run has not. */
export interface MissingCell extends RunStepCell {
  /** Why there is none; undefined where its turn has not come. */
  readonly reason: string | undefined;
}

/** What a run was to measure and has not: its failed attacks among them. */
export function missingCells(
  run: Pick<RunSummary, 'error'>,
  steps: readonly RunStepState[],
  cells: readonly Pick<CellRecord, 'model' | 'attack' | 'mode'>[],
): MissingCell[] {
  const failed = failedSteps(run, steps);
  const blockers = blockersOf(steps, failed);
  const known = new Set(cells.map(keyOf));
  const missing = new Map<string, MissingCell>();
  for (const step of steps) {
    if (step.finishedAt !== undefined || step.kind !== 'evaluate') continue;
    const [first] = blockers(step);
    for (const cell of step.cells ?? []) {
      // What one seed has is shown; a seed that is missing is no empty cell.
      if (!known.has(keyOf(cell))) missing.set(keyOf(cell), { ...cell, reason: first && failed.get(first) });
    }
  }
  return [...missing.values()];
}

/**
 * The failed steps that keep an attack from having its figures, of whichever model and seed.
 * @returns their labels
 */
export function failedStepsOf(
  attack: string,
  run: Pick<RunSummary, 'error'>,
  steps: readonly RunStepState[],
): ReadonlySet<string> {
  const blockers = blockersOf(steps, failedSteps(run, steps));
  const own = steps.filter(({ cells = [] }) => cells.some((cell) => cell.attack === attack));
  return new Set(own.flatMap((step) => [...blockers(step)]));
}

/** Of a step, the failed ones that it waits for, itself among them; the nearest first. */
function blockersOf(steps: readonly RunStepState[], failed: ReadonlyMap<string, string>) {
  const at = new Map(steps.map((step) => [step.position, step]));
  const found = new Map<number, ReadonlySet<string>>();
  const blockers = (step: RunStepState): ReadonlySet<string> => {
    const before = found.get(step.position);
    if (before) return before;
    const own = new Set<string>();
    if (step.finishedAt === undefined) {
      if (failed.has(step.label)) own.add(step.label);
      for (const need of step.needs ?? []) for (const label of blockers(at.get(need)!)) own.add(label);
    }
    found.set(step.position, own);
    return own;
  };
  return blockers;
}

function keyOf({ model, attack, mode }: RunStepCell): string {
  return JSON.stringify([model, attack, mode]);
}
