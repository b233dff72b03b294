import type { RunEvent } from '@rampart/results';

/** That a step has come so far. */
export type StepProgress = Extract<RunEvent, { type: 'step-progress' }>;

/** Of one step something is written at most this often. */
const ROUND_MS = 250;
/** Written in one round, whatever the number of steps: 20 a second. */
const AT_ONCE = 5;

/**
 * Writes down how far the steps of a run are, at most so often, however many steps there are and however fast they tell
 * it. Of each step what it told last waits for its turn; nothing that came before it is written any more.
 */
export class ProgressWriter {
  private readonly waiting = new Map<string, StepProgress>();
  private readonly underWay = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly write: (progress: StepProgress) => Promise<void>) {}

  tell(progress: StepProgress): void {
    // A step that waits already keeps its place.
    this.waiting.set(progress.step, progress);
    if (!this.timer) this.round();
  }

  /** Nothing of a step is written from then on. */
  async forget(step: string): Promise<void> {
    this.waiting.delete(step);
    await this.underWay.get(step);
  }

  /** Nothing is written from then on. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.waiting.clear();
    await Promise.all(this.underWay.values());
  }

  private round(): void {
    const room = AT_ONCE - this.underWay.size;
    const ready = [...this.waiting.values()].filter(({ step }) => !this.underWay.has(step));
    for (const progress of ready.slice(0, room)) this.begin(progress);
    const over = this.waiting.size + this.underWay.size === 0;
    this.timer = over ? undefined : setTimeout(() => this.round(), ROUND_MS);
  }

  private begin(progress: StepProgress): void {
    const { step } = progress;
    this.waiting.delete(step);
    // What stands in the way of writing it stands in the way of the step's result, which says so.
    const written = this.write(progress)
      .catch(() => undefined)
      .finally(() => this.underWay.delete(step));
    this.underWay.set(step, written);
  }
}
