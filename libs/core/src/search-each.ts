import type { AttackerGradient, AttackProblem, AttackSearch } from './attack';
import type { AttackInstance, PointGradient } from './attack-instance';
import { Attacked } from './attacked';
import { type AttackLoss, hasRival } from './classifier';

export interface SearchEachOptions {
  /** Runs of each instance. */
  readonly restarts: number;
  /** Whether an instance is done with once it is decided. */
  readonly earlyStop: boolean;
  /** Points of one instance that are asked about at once, at the most. */
  readonly width: number;
}

/**
 * The search that gives every instance a search of its own. The questions of all of them are answered in batches that
 * stay full: where one is decided or gives up, the next takes its place. So no search can depend on the others.
 */
export function searchEach(
  each: (instance: AttackInstance) => Promise<void>,
  options: SearchEachOptions,
): AttackSearch {
  return async (problem) => {
    const pool = new Pool(problem, each, options);
    await pool.run();
    const candidates = new Float32Array(problem.count * problem.features);
    for (let i = 0; i < problem.count; i++) candidates.set(problem.best(i).point, i * problem.features);
    return { candidates, iterations: pool.rounds };
  };
}

/** A question of one instance, and who waits for the answer. */
interface AskedPoints {
  readonly kind: 'margins' | 'logits';
  readonly instance: number;
  readonly points: Float32Array;
  resolve: (answer: never) => void;
}

interface AskedGradient {
  readonly kind: 'gradient';
  readonly instance: number;
  readonly points: Float32Array;
  readonly loss: AttackLoss;
  readonly rival: number;
  resolve: (answer: never) => void;
}

type Asked = AskedPoints | AskedGradient;

const nobody = () => undefined;

/** The instances whose searches are under way. */
class Pool {
  readonly rounds: Int32Array;
  private readonly batch: Float32Array;
  private readonly size: number;
  private waiting: Asked[] = [];
  /** Ends each search under way: it is decided, and gets no more answers. */
  private readonly ends = new Map<number, () => void>();
  private next = 0;
  private done = 0;
  private fault: { readonly error: unknown } | undefined;

  constructor(
    private readonly problem: AttackProblem,
    private readonly each: (instance: AttackInstance) => Promise<void>,
    private readonly options: SearchEachOptions,
  ) {
    this.rounds = new Int32Array(problem.count);
    this.size = problem.window;
    this.batch = new Float32Array(this.size * problem.features);
  }

  async run(): Promise<void> {
    const { problem, options } = this;
    const searches = Math.max(1, Math.floor(this.size / options.width));
    for (;;) {
      while (this.ends.size < searches && this.next < problem.count) this.start(this.next++);
      // Once every search has gone on as far as it can: promises are served before the next turn of the loop.
      await turn();
      if (this.fault) throw this.fault.error;
      if (this.ends.size === 0 && this.next === problem.count) return;
      const asked = this.waiting.toSorted((a, b) => a.instance - b.instance);
      this.waiting = [];
      await this.answer(asked);
    }
  }

  private start(index: number): void {
    let end!: () => void;
    const decided = new Promise<void>((resolve) => (end = resolve));
    this.ends.set(index, end);
    void Promise.race([this.search(index), decided])
      .catch((error: unknown) => (this.fault ??= { error }))
      .finally(() => {
        this.ends.delete(index);
        this.problem.progress(++this.done);
      });
  }

  private async search(index: number): Promise<void> {
    const instance = new Instance(this.problem, index, (question) => this.ask(question));
    // What evades from the start is done with, and nothing that an attack does is worse than doing nothing.
    await instance.rivals();
    for (let run = 0; run < this.options.restarts; run++) {
      instance.begin(run);
      await this.each(instance);
    }
  }

  private ask(asked: Asked): Promise<never> {
    return new Promise<never>((resolve) => {
      asked.resolve = resolve;
      this.waiting.push(asked);
    });
  }

  private async answer(asked: readonly Asked[]): Promise<void> {
    for (const group of grouped(asked)) {
      if (group[0]!.kind === 'gradient') await this.answerGradients(group as readonly AskedGradient[]);
      else await this.answerPoints(group);
    }
  }

  /** A point each. */
  private async answerGradients(group: readonly AskedGradient[]): Promise<void> {
    const { problem, batch, size } = this;
    const { features, classes } = problem;
    const { loss } = group[0]!;
    for (let start = 0; start < group.length; start += size) {
      const part = group.slice(start, start + size);
      const owners = new Int32Array(part.length);
      const rivals = new Int32Array(part.length);
      for (let slot = 0; slot < part.length; slot++) {
        const { points, instance, rival } = part[slot]!;
        batch.set(points, slot * features);
        owners[slot] = instance;
        rivals[slot] = rival;
      }
      const candidates = batch.subarray(0, part.length * features);
      const answer = await problem.gradient(candidates, owners, loss, hasRival(loss) ? { rivals } : {});
      for (let slot = 0; slot < part.length; slot++) {
        this.settle(part[slot]!, new Gradient(answer, slot, features, classes));
      }
    }
  }

  /** Any number of points each: batches of whole rows, wherever the questions end. */
  private async answerPoints(group: readonly Asked[]): Promise<void> {
    const { problem, batch, size } = this;
    const { features } = problem;
    const width = group[0]!.kind === 'margins' ? 1 : problem.classes;
    const answers = group.map(({ points }) => new Float32Array((points.length / features) * width));
    const owners = new Int32Array(size);
    // Where the rows of the batch go: the question, and the row of its answer.
    const places: { readonly of: number; readonly row: number; count: number }[] = [];
    let rows = 0;
    const flush = async () => {
      const candidates = batch.subarray(0, rows * features);
      const asking = owners.slice(0, rows);
      const values = width === 1 ? await problem.margins(candidates, asking) : await problem.logits(candidates, asking);
      let from = 0;
      for (const { of, row, count } of places) {
        answers[of]!.set(values.subarray(from * width, (from + count) * width), row * width);
        from += count;
      }
      rows = 0;
      places.length = 0;
    };
    for (const [of, { points, instance }] of group.entries()) {
      const total = points.length / features;
      for (let row = 0; row < total;) {
        const count = Math.min(total - row, size - rows);
        batch.set(points.subarray(row * features, (row + count) * features), rows * features);
        owners.fill(instance, rows, rows + count);
        places.push({ of, row, count });
        row += count;
        rows += count;
        if (rows === size) await flush();
      }
    }
    if (rows > 0) await flush();
    for (const [of, one] of group.entries()) this.settle(one, answers[of]!);
  }

  private settle(asked: Asked, answer: PointGradient | Float32Array): void {
    const { instance } = asked;
    this.rounds[instance]! += 1;
    if (this.problem.decided(instance) && (this.options.earlyStop || this.problem.best(instance).distance === 0)) {
      this.ends.get(instance)?.();
    } else {
      asked.resolve(answer as never);
    }
  }
}

/** Questions that one session answers together. */
function grouped(asked: readonly Asked[]): Iterable<readonly Asked[]> {
  const groups = new Map<string, Asked[]>();
  for (const one of asked) {
    const key = one.kind === 'gradient' ? one.loss : one.kind;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups.values();
}

/** A row of the answer to a batch. Its views are made when they are asked for: few searches want the logits. */
class Gradient implements PointGradient {
  constructor(
    private readonly batch: AttackerGradient,
    private readonly slot: number,
    private readonly features: number,
    private readonly classes: number,
  ) {}

  get loss(): number {
    return this.batch.losses[this.slot]!;
  }

  get margin(): number {
    return this.batch.margins[this.slot]!;
  }

  get gradient(): Float32Array {
    return this.batch.gradient.subarray(this.slot * this.features, (this.slot + 1) * this.features);
  }

  get logits(): Float32Array {
    return this.batch.logits.subarray(this.slot * this.classes, (this.slot + 1) * this.classes);
  }
}

class Instance extends Attacked implements AttackInstance {
  private known: Promise<Int32Array> | undefined;

  constructor(
    problem: AttackProblem,
    index: number,
    private readonly ask: (question: Asked) => Promise<never>,
  ) {
    super(problem, index);
  }

  gradient(point: Float32Array, loss: AttackLoss, rival = -1): Promise<PointGradient> {
    return this.ask({ kind: 'gradient', instance: this.index, points: point, loss, rival, resolve: nobody });
  }

  async margin(point: Float32Array): Promise<number> {
    return (await this.margins(point))[0]!;
  }

  margins(points: Float32Array): Promise<Float32Array> {
    return this.ask({ kind: 'margins', instance: this.index, points, resolve: nobody });
  }

  logits(points: Float32Array): Promise<Float32Array> {
    return this.ask({ kind: 'logits', instance: this.index, points, resolve: nobody });
  }

  rivals(): Promise<Int32Array> {
    this.known ??= this.logits(this.original).then((logits) => this.problem.rivals(this.index, logits, 0));
    return this.known;
  }

  stage(name: string): void {
    this.problem.stage(this.index, name);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
