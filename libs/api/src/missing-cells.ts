import type { CellMode, CellRecord, RunStepState, RunSummary } from '@rampart/results';

import { failedSteps } from './failures';

/** A figure that the plan of a run has and the run has not. */
export interface MissingCell {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  /** Why there is none; undefined where its turn has not come. */
  readonly reason: string | undefined;
}

/** A plan calls its evaluations so; an attack "of" another model is one whose examples are replayed. */
const EVALUATION = /^evaluate (.+) under (.+?)(?: of ([^ ]+|.+\)))?(, seed \d+)?$/;
const NAIVELY = ', naive';

/** What a run was to measure and has not: its failed attacks among them. */
export function missingCells(
  run: Pick<RunSummary, 'error'>,
  steps: readonly RunStepState[],
  cells: readonly Pick<CellRecord, 'model' | 'attack' | 'mode'>[],
): MissingCell[] {
  const failed = failedSteps(run, steps);
  const missing = new Map<string, MissingCell>();
  const surrogate = steps.map(({ label }) => EVALUATION.exec(label)?.[1]).find((model) => model !== undefined);
  for (const { kind, label, finishedAt } of steps) {
    const [, model, attack, origin, seed = ''] = (kind === 'evaluate' && EVALUATION.exec(label)) || [];
    if (finishedAt !== undefined || model === undefined || attack === undefined) continue;
    const made = `attack ${origin ?? model} with ${attack}`;
    const reason =
      failed.get(label) ??
      [...failed].find(([step]) => step.endsWith(seed) && isPartOf(step, made))?.[1] ??
      [...failed].find(([step]) => step.endsWith(seed) && (makes(step, model) || makes(step, origin ?? model)))?.[1];
    for (const { mode, name } of cellsOf(attack, model, origin, surrogate)) {
      const known = cells.some((cell) => cell.model === model && cell.attack === name && cell.mode === mode);
      // What one seed has is shown; a seed that is missing is no empty cell.
      if (!known) missing.set(JSON.stringify([model, name, mode]), { model, attack: name, mode, reason });
    }
  }
  return [...missing.values()];
}

/** What a planned evaluation fills, and the attack's name there. */
function cellsOf(
  attack: string,
  model: string,
  origin: string | undefined,
  surrogate: string | undefined,
): readonly { readonly mode: CellMode; readonly name: string }[] {
  const filled = (name: string, ...modes: CellMode[]) => modes.map((mode) => ({ mode, name }));
  if (attack === 'none') return filled(attack, 'clean');
  if (attack.endsWith(NAIVELY)) return filled(attack.slice(0, -NAIVELY.length), 'naive');
  if (origin === undefined) return filled(attack, ...(model === surrogate ? (['static'] as const) : []), 'adaptive');
  return origin === surrogate ? filled(attack, 'static') : filled(`${attack} of ${origin}`, 'transfer');
}

/** Whether a step makes examples of this attack, or one of several parts of them. */
function isPartOf(step: string, made: string): boolean {
  return step === made || step.startsWith(`${made} (`) || step.startsWith(`${made}, seed `);
}

/** Whether a step trains, takes or hardens what the model is. */
function makes(step: string, model: string): boolean {
  const defense = model.replace(/ on .+$/, '');
  return (
    step.startsWith(`train ${model}`) ||
    step.startsWith('take ') ||
    / by (.+)$/.exec(step)?.[1]?.startsWith(defense) === true
  );
}
