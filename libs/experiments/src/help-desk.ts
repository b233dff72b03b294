import { type Board, callAway, closeBoard, loseHelper, type PieceJob } from '@rampart/core';

/** A step that has work for others: what it is, and where its pieces are taken. */
export interface HelpCall {
  readonly job: PieceJob;
  readonly board: Board;
}

/** How long a thread is free before it helps: a step that is ready comes at once. */
const PATIENCE_MS = 20;

/**
 * Sends threads that have no step to those that have work for others, and calls them back when a step needs a thread:
 * no more threads than there are have anything to do.
 */
export class HelpDesk {
  private steps = 0;
  private readonly open = new Set<OpenCall>();
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param threads for steps and helpers together
   * @param send has a thread help, until there is nothing more to do or it is called away; fails where the thread fails
   */
  constructor(
    private readonly threads: number,
    private readonly send: (call: HelpCall) => Promise<unknown>,
  ) {}

  /** A step that is about to run takes a thread. */
  enter(): Visit {
    this.steps++;
    if (this.steps + this.staying > this.threads) this.callBack();
    return new Visit(
      (call) => {
        this.open.add(call);
        this.assign();
      },
      (calls) => {
        this.steps--;
        for (const call of calls) this.open.delete(call);
        this.assign();
      },
    );
  }

  /** Helpers that nobody has called away. */
  private get staying(): number {
    return [...this.open].reduce((sum, call) => sum + call.staying, 0);
  }

  private callBack(): void {
    const [most] = [...this.open].sort((a, b) => b.staying - a.staying);
    if (most && most.staying > 0) most.callAway();
  }

  private assign(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      while (this.steps + this.staying < this.threads) {
        const wanting = [...this.open].filter(({ wantsMore }) => wantsMore);
        const [fewest] = wanting.sort((a, b) => a.staying - b.staying);
        if (!fewest) return;
        void fewest.helped(this.send(fewest.call)).then(() => this.assign());
      }
    }, PATIENCE_MS).unref();
  }
}

/** What a step has to do with the desk. */
export class Visit {
  private readonly calls: OpenCall[] = [];

  constructor(
    private readonly announce: (call: OpenCall) => void,
    private readonly end: (calls: readonly OpenCall[]) => void,
  ) {}

  /** The step has work for others. */
  call(call: HelpCall): void {
    const open = new OpenCall(call);
    this.calls.push(open);
    this.announce(open);
  }

  /** The step is over, and so is the work that it called for. */
  leave(): void {
    for (const { call } of this.calls) closeBoard(call.board);
    this.end(this.calls);
  }

  /** Whether one that helped has failed. */
  get lostHelper(): boolean {
    return this.calls.some(({ lost }) => lost);
  }
}

class OpenCall {
  lost = false;
  private helpers = 0;
  private leaving = 0;
  /** Helpers found the work done. */
  private over = false;

  constructor(readonly call: HelpCall) {}

  get staying(): number {
    return this.helpers - this.leaving;
  }

  get wantsMore(): boolean {
    return !this.lost && !this.over && this.helpers < this.call.job.helpers;
  }

  callAway(): void {
    this.leaving++;
    callAway(this.call.board);
  }

  async helped(help: Promise<unknown>): Promise<void> {
    this.helpers++;
    try {
      await help;
      // Who goes without having been called away found the board closed.
      this.over ||= this.leaving === 0;
    } catch {
      this.lost = true;
      loseHelper(this.call.board);
    } finally {
      this.helpers--;
      this.leaving = Math.max(0, this.leaving - 1);
    }
  }
}
