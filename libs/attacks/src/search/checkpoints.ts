/**
 * When APGD looks at its progress (Croce and Hein 2020, section 3.2): the iterations between one checkpoint and the
 * next, 22% of all at first, then 3% fewer each time, down to 6%.
 */
export class Checkpoints {
  private readonly shortest: number;
  private readonly decrease: number;
  private period: number;
  private since = 0;

  constructor(steps: number) {
    this.period = Math.max(1, Math.trunc(0.22 * steps));
    this.shortest = Math.max(1, Math.trunc(0.06 * steps));
    this.decrease = Math.max(1, Math.trunc(0.03 * steps));
  }

  /** Counts an iteration. Returns the length of the period that it ends, or 0. */
  count(): number {
    if (++this.since < this.period) return 0;
    const ended = this.period;
    this.since = 0;
    this.period = Math.max(this.shortest, this.period - this.decrease);
    return ended;
  }
}
