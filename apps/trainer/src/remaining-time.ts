import type { Step, StepKind } from '@rampart/experiments';
import type { RunEvent } from '@rampart/results';

/** Relative costs, for steps like which none was ever timed. */
const USUAL_SECONDS: Readonly<Record<StepKind, number>> = {
  train: 12,
  import: 1,
  harden: 40,
  attack: 4,
  evaluate: 1,
  'worst-case': 0.2,
};

/**
 * Predicts how long a plan still takes: each open step is expected to take what steps of its label, else of its
 * kind, have taken.
 */
export class RemainingTime {
  private readonly open: Map<string, Step>;
  private readonly byLabel = new Map<string, number>();
  private readonly byKind = new Map<string, { seconds: number; count: number }>();
  private readonly fraction = new Map<string, number>();

  constructor(
    steps: readonly Step[],
    /** Seconds that steps have taken in earlier runs. */
    durations: readonly { readonly kind: string; readonly label: string; readonly seconds: number }[],
    private readonly workers: number,
  ) {
    this.open = new Map(steps.map((step) => [step.key, step]));
    for (const { kind, label, seconds } of durations) this.learn(kind, label, seconds);
  }

  event(event: RunEvent): void {
    if (event.type === 'step-progress') this.fraction.set(event.step, event.done / event.total);
    if (event.type !== 'step-finished') return;
    const step = this.open.get(event.step);
    this.open.delete(event.step);
    if (step && !event.cached) this.learn(step.kind, step.label, event.seconds);
  }

  /** Predicted seconds to the end. */
  seconds(): number {
    let sum = 0;
    for (const step of this.open.values()) {
      const kind = this.byKind.get(step.kind);
      const expected = this.byLabel.get(step.label) ?? (kind ? kind.seconds / kind.count : USUAL_SECONDS[step.kind]);
      sum += expected * (1 - (this.fraction.get(step.key) ?? 0));
    }
    return sum / Math.min(this.workers, Math.max(1, this.open.size));
  }

  /** `, about 2 min left`, or nothing at the end. */
  toString(): string {
    const seconds = this.seconds();
    if (this.open.size === 0) return '';
    return seconds < 60 ? `, about ${Math.ceil(seconds)} s left` : `, about ${Math.ceil(seconds / 60)} min left`;
  }

  private learn(kind: string, label: string, seconds: number): void {
    this.byLabel.set(label, seconds);
    const known = this.byKind.get(kind) ?? { seconds: 0, count: 0 };
    this.byKind.set(kind, { seconds: known.seconds + seconds, count: known.count + 1 });
  }
}
