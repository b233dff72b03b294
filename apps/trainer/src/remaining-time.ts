import type { Step, StepKind } from '@rampart/experiments';
import { remainingSeconds, type RunEvent, StepDurations } from '@rampart/results';

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
};

/** How far a step is that is not finished. */
interface Course {
  readonly step: Step;
  /** As `performance.now` says it. */
  readonly begun?: number;
  readonly fraction?: number;
}

/** Predicts how long a plan still takes, from its events and from what steps took in earlier runs. */
export class RemainingTime {
  private readonly open: Map<string, Course>;
  private readonly durations = new StepDurations(USUAL_SECONDS);

  constructor(
    steps: readonly Step[],
    durations: readonly { kind: string; label: string; seconds: number; count: number }[],
    private readonly workers: number,
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

  /** `, about 2 min left`, or nothing at the end. */
  toString(): string {
    const outlook = [...this.open.values()].map(({ step, begun, fraction }) => ({
      kind: step.kind,
      label: step.label,
      elapsed: begun === undefined ? undefined : (this.now() - begun) / 1000,
      fraction,
    }));
    const seconds = remainingSeconds(outlook, this.durations, this.workers);
    if (outlook.length === 0 || seconds === undefined) return '';
    return seconds < 60 ? `, about ${Math.ceil(seconds)} s left` : `, about ${Math.ceil(seconds / 60)} min left`;
  }
}
