/** The part of the last so many trials that were a success; undefined until there are as many. */
export class RecentRate {
  private readonly trials: Uint8Array;
  private count = 0;
  private successes = 0;

  constructor(size: number) {
    this.trials = new Uint8Array(size);
  }

  note(success: boolean): void {
    const place = this.count++ % this.trials.length;
    this.successes += Number(success) - this.trials[place]!;
    this.trials[place] = Number(success);
  }

  get rate(): number | undefined {
    return this.count < this.trials.length ? undefined : this.successes / this.trials.length;
  }

  clear(): void {
    this.trials.fill(0);
    this.count = 0;
    this.successes = 0;
  }
}
