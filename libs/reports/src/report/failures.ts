import type { RunStepState, RunSummary } from '@rampart/results';

/** Steps of a run that failed for one reason. */
export interface Failure {
  readonly reason: string;
  /** Labels of the steps, in the order of the plan. */
  readonly steps: readonly string[];
}

/** Why steps of a run failed, as its error tells: a line for each that begins with the step's label. */
export function failuresOf(run: Pick<RunSummary, 'error'>, steps: readonly RunStepState[]): Failure[] {
  const reasons = failedSteps(run, steps);
  return [...new Set(reasons.values())].map((reason) => ({
    reason,
    steps: [...reasons].flatMap(([step, why]) => (why === reason ? [step] : [])),
  }));
}

/** The reason of each failed step, by its label. */
export function failedSteps({ error = '' }: Pick<RunSummary, 'error'>, steps: readonly RunStepState[]) {
  const reasons = new Map<string, string>();
  const parts = error.split(/^(?=Step ")/m);
  for (const { label, finishedAt } of steps) {
    if (finishedAt !== undefined) continue;
    const begin = `Step "${label}" failed: `;
    const part = parts.find((one) => one.startsWith(begin));
    if (part !== undefined) reasons.set(label, part.slice(begin.length).trim());
  }
  return reasons;
}
