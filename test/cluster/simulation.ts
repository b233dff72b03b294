/** What a process of a simulation waits for: it is told how to go on. */
export type Wait = (goOn: () => void) => void;

/** What goes on in simulated time, waiting between. */
export type Process = Generator<Wait, void>;

/** Events in the order of their times: the clock jumps from one to the next. */
export class Simulation {
  /** Milliseconds. */
  now = 0;
  /** A heap by time, and by order among those of one moment. */
  private readonly heap: { readonly time: number; readonly order: number; readonly happen: () => void }[] = [];
  private orders = 0;

  start(process: Process): void {
    const goOn = () => {
      const { done, value } = process.next();
      if (!done) value(goOn);
    };
    goOn();
  }

  sleep(ms: number): Wait {
    return (goOn) => this.after(ms, goOn);
  }

  after(ms: number, happen: () => void): void {
    const event = { time: this.now + ms, order: this.orders++, happen };
    let place = this.heap.push(event) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.isBefore(event, this.heap[above]!)) break;
      this.heap[place] = this.heap[above]!;
      place = above;
    }
    this.heap[place] = event;
  }

  run(until: () => boolean): void {
    while (this.heap.length > 0 && !until()) {
      const { time, happen } = this.pop();
      this.now = time;
      happen();
    }
  }

  private isBefore(one: { time: number; order: number }, other: { time: number; order: number }): boolean {
    return one.time < other.time || (one.time === other.time && one.order < other.order);
  }

  private pop() {
    const first = this.heap[0]!;
    const last = this.heap.pop()!;
    if (this.heap.length === 0) return first;
    for (let place = 0; ;) {
      let below = 2 * place + 1;
      if (below + 1 < this.heap.length && this.isBefore(this.heap[below + 1]!, this.heap[below]!)) below++;
      if (below >= this.heap.length || !this.isBefore(this.heap[below]!, last)) {
        this.heap[place] = last;
        return first;
      }
      this.heap[place] = this.heap[below]!;
      place = below;
    }
  }
}

/** Processors that serve one after another in the order in which they are asked. */
export class Processors {
  private busy = 0;
  private spent = 0;
  private waited = 0;
  private served = 0;
  private since = 0;
  private readonly queue: { readonly ms: number; readonly asked: number; readonly goOn: () => void }[] = [];
  /** Of the queue: those before are served. */
  private head = 0;

  constructor(
    private readonly simulation: Simulation,
    readonly count: number,
  ) {}

  use(ms: number): Wait {
    return (goOn) => {
      this.queue.push({ ms, asked: this.simulation.now, goOn });
      this.next();
    };
  }

  /** From now on. */
  reset(): void {
    this.spent = this.waited = this.served = 0;
    this.since = this.simulation.now;
  }

  /** Of their time, 0 to 1. */
  get utilisation(): number {
    return this.spent / this.count / (this.simulation.now - this.since);
  }

  /** Milliseconds that somebody waits on average before being served. */
  get meanWait(): number {
    return this.served === 0 ? 0 : this.waited / this.served;
  }

  private next(): void {
    if (this.busy === this.count || this.head === this.queue.length) return;
    const { ms, asked, goOn } = this.queue[this.head++]!;
    if (this.head > 10_000) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
    this.busy++;
    this.waited += this.simulation.now - asked;
    this.served++;
    this.simulation.after(ms, () => {
      this.busy--;
      this.spent += ms;
      this.next();
      goOn();
    });
  }
}
