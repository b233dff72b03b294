import { remainingSeconds, type RunEvent, StepDurations } from '@rampart/results';

import type { Step, StepKind } from './step';

/** Relative costs, for steps like which none was ever timed. */
const USUAL_SECONDS: Readonly<Record<StepKind, number>> = {
  train: 12,
  import: 1,
  ensemble: 1,
  harden: 40,
  attack: 2,
  evaluate: 0.3,
  'worst-case': 0.2,
  audit: 1,
  robustness: 0.3,
  certify: 10,
};

/** How far a step is that is not finished. */
interface Course {
  readonly step: Step;
  /** As `performance.now` says it. */
  readonly begun?: number;
  readonly fraction?: number;
}

/**
 * Predicts how long a plan still takes, from its events and from what steps took in earlier runs. A run has one, which
 * the terminal shows and the store has for pages.
 */
export class RemainingTime {
  private readonly open: Map<string, Course>;
  private readonly durations = new StepDurations(USUAL_SECONDS);

  constructor(
    steps: readonly Step[],
    durations: readonly { kind: string; label: string; seconds: number; count: number }[],
    /** Steps under way at once; undefined for as many as there are begun. */
    private readonly workers: number | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.open = new Map(steps.map((step) => [step.key, { step }]));
    for (const { kind, label, seconds, count } of durations) this.durations.learn(kind, label, seconds, count);
  }

  event(event: RunEvent): void {
    const course = 'step' in event ? this.open.get(event.step) : undefined;
    if (!course) return;
    const { step } = course;
    if (event.type === 'step-started') this.open.set(step.key, { step, begun: this.now() });
    if (event.type === 'step-progress') this.open.set(step.key, { ...course, fraction: event.done / event.total });
    if (event.type !== 'step-finished') return;
    this.open.delete(step.key);
    if (!event.cached) this.durations.learn(step.kind, step.label, event.seconds);
  }

  /** Undefined where nothing is known of some kind of step, and where nothing is left. */
  seconds(): number | undefined {
    const outlook = [...this.open.values()].map(({ step, begun, fraction }) => ({
      kind: step.kind,
      label: step.label,
      elapsed: begun === undefined ? undefined : (this.now() - begun) / 1000,
      fraction,
    }));
    if (outlook.length === 0) return undefined;
    const begun = outlook.filter(({ elapsed }) => elapsed !== undefined).length;
    return remainingSeconds(outlook, this.durations, this.workers ?? Math.max(1, begun));
  }
}
