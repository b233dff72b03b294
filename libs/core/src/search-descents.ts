import type { AttackProblem, AttackSearch } from './attack';
import { Attacked } from './attacked';
import type { Descent, DescentStep } from './descent';
import type { SearchEachOptions } from './search-each';

/**
 * The search that takes the steps of a descent from every instance. Its batches stay full: where an instance is
 * decided or through with its runs, the next takes its row.
 */
export function searchDescents(
  descent: Descent,
  options: Pick<SearchEachOptions, 'restarts' | 'earlyStop'>,
): AttackSearch {
  return async (problem) => {
    const descents = new Descents(problem, descent, options);
    await descents.run();
    const candidates = new Float32Array(problem.count * problem.features);
    for (let i = 0; i < problem.count; i++) candidates.set(problem.best(i).point, i * problem.features);
    return { candidates, iterations: descents.rounds };
  };
}

/** An instance under way. */
interface Walker {
  readonly index: number;
  readonly instance: Attacked;
  step: DescentStep;
  /** Steps that it has taken in this run. */
  taken: number;
}

/** The instances under way, each with a row of its own. */
class Descents {
  readonly rounds: Int32Array;
  private readonly size: number;
  /** A point of each walker, in their order: [size, features]. */
  private readonly points: Float32Array;
  private readonly walkers: Walker[] = [];
  private next = 0;
  private done = 0;

  constructor(
    private readonly problem: AttackProblem,
    private readonly descent: Descent,
    private readonly options: Pick<SearchEachOptions, 'restarts' | 'earlyStop'>,
  ) {
    this.rounds = new Int32Array(problem.count);
    this.size = Math.min(problem.window, problem.count);
    this.points = new Float32Array(this.size * problem.features);
  }

  async run(): Promise<void> {
    for (;;) {
      await this.fill();
      if (this.walkers.length === 0) return;
      await this.step();
      await this.look();
    }
  }

  /** Gives free rows to the next instances. What evades from the start is done with. */
  private async fill(): Promise<void> {
    const { problem, walkers, size } = this;
    const { features } = problem;
    while (walkers.length < size && this.next < problem.count) {
      const first = this.next;
      this.next = Math.min(problem.count, first + size - walkers.length);
      const indices = Int32Array.from({ length: this.next - first }, (_, i) => first + i);
      await problem.margins(problem.originals.subarray(first * features, this.next * features), indices);
      for (const index of indices) {
        if (this.settles(index)) {
          problem.progress(++this.done);
          continue;
        }
        const instance = new Attacked(problem, index);
        walkers.push({ index, instance, step: this.descent.begin(instance, this.row(walkers.length)), taken: 0 });
      }
    }
  }

  /** A gradient and a step of each. */
  private async step(): Promise<void> {
    const { problem, walkers } = this;
    const { features } = problem;
    const points = this.points.subarray(0, walkers.length * features);
    const { gradient, sign } = await problem.gradient(points, indicesOf(walkers), this.descent.loss, {
      asIs: true,
      inside: true,
    });
    const settled = walkers.map((walker, row) => {
      if (this.settles(walker.index)) return true;
      walker.step(this.row(row), gradient.subarray(row * features, (row + 1) * features), sign);
      walker.taken++;
      return false;
    });
    this.leave(settled);
  }

  /** Asks about the points that runs end at, and begins the next run. */
  private async look(): Promise<void> {
    const { problem, walkers, descent, options } = this;
    const { features } = problem;
    const last = walkers.flatMap(({ taken }, row) => (taken === descent.steps ? [row] : []));
    if (last.length === 0) return;
    const points = new Float32Array(last.length * features);
    for (const [i, row] of last.entries()) points.set(this.row(row), i * features);
    await problem.margins(points, indicesOf(last.map((row) => walkers[row]!)));
    const settled: boolean[] = walkers.map(() => false);
    for (const row of last) {
      const walker = walkers[row]!;
      const run = walker.instance.run + 1;
      settled[row] = this.settles(walker.index) || run === options.restarts;
      if (settled[row]) continue;
      walker.instance.begin(run);
      walker.step = descent.begin(walker.instance, this.row(row));
      walker.taken = 0;
    }
    this.leave(settled);
  }

  /** Counts an answer. Returns whether the instance is done with. */
  private settles(index: number): boolean {
    const { problem, options } = this;
    this.rounds[index]! += 1;
    return problem.decided(index) && (options.earlyStop || problem.best(index).distance === 0);
  }

  /** Lets go of walkers, and closes the gaps. */
  private leave(settled: readonly boolean[]): void {
    const { walkers, problem } = this;
    let kept = 0;
    for (const [row, walker] of walkers.entries()) {
      if (settled[row]) {
        problem.progress(++this.done);
        continue;
      }
      if (kept < row) this.row(kept).set(this.row(row));
      walkers[kept++] = walker;
    }
    walkers.length = kept;
  }

  private row(row: number): Float32Array {
    const { features } = this.problem;
    return this.points.subarray(row * features, (row + 1) * features);
  }
}

function indicesOf(walkers: readonly Walker[]): Int32Array {
  return Int32Array.from(walkers, ({ index }) => index);
}
