import type { AttackProblem, AttackSearch, BestPoint } from './attack';
import type { AttackInstance, PointGradient } from './attack-instance';
import { type AttackLoss, hasRival } from './classifier';
import type { Rng } from './rng';
import type { Bounds } from './threat/bounds';
import type { Norm } from './threat/norm';
import { NORMS } from './threat/norms';

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

type Question =
  | { readonly kind: 'margins' | 'logits'; readonly points: Float32Array }
  | { readonly kind: 'gradient'; readonly points: Float32Array; readonly loss: AttackLoss; readonly rival: number };

type Asked = Question & {
  readonly instance: number;
  readonly resolve: (answer: never) => void;
};

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
    const instance = new Instance(this.problem, index, (question) => this.ask(index, question));
    // What evades from the start is done with, and nothing that an attack does is worse than doing nothing.
    await instance.rivals();
    for (let run = 0; run < this.options.restarts; run++) {
      instance.begin(run);
      await this.each(instance);
    }
  }

  private ask(instance: number, question: Question): Promise<never> {
    return new Promise<never>((resolve) => this.waiting.push({ ...question, instance, resolve }));
  }

  private async answer(asked: readonly Asked[]): Promise<void> {
    const { features } = this.problem;
    for (const group of grouped(asked)) {
      const counts = group.map(({ points }) => points.length / features);
      const first = group[0]!;
      const answers = group.map((one, i) => new Answer(one, counts[i]!, this.problem.classes));
      // Batches of whole rows, wherever the questions end.
      let rows = 0;
      let owners: number[] = [];
      let places: { answer: Answer; row: number }[] = [];
      const flush = async () => {
        const candidates = this.batch.subarray(0, rows * features);
        await this.evaluate(first, candidates, owners, places);
        rows = 0;
        owners = [];
        places = [];
      };
      for (const answer of answers) {
        const { points, instance } = answer.asked;
        for (let row = 0; row < answer.count; row++) {
          this.batch.set(
            answer.count === 1 ? points : points.subarray(row * features, (row + 1) * features),
            rows * features,
          );
          owners.push(instance);
          places.push({ answer, row });
          if (++rows === this.size) await flush();
        }
      }
      if (rows > 0) await flush();
      for (const answer of answers) this.settle(answer);
    }
  }

  private async evaluate(
    first: Asked,
    candidates: Float32Array,
    owners: readonly number[],
    places: readonly { readonly answer: Answer; readonly row: number }[],
  ): Promise<void> {
    const { problem } = this;
    if (first.kind === 'gradient') {
      const rivals = hasRival(first.loss)
        ? { rivals: Int32Array.from(places, ({ answer }) => (answer.asked as { rival: number }).rival) }
        : {};
      const { losses, margins, gradient, logits } = await problem.gradient(candidates, owners, first.loss, rivals);
      const { features, classes } = problem;
      places.forEach(({ answer }, slot) => {
        answer.gradient = {
          loss: losses[slot]!,
          margin: margins[slot]!,
          gradient: gradient.subarray(slot * features, (slot + 1) * features),
          logits: logits.subarray(slot * classes, (slot + 1) * classes),
        };
      });
      return;
    }
    const width = first.kind === 'margins' ? 1 : problem.classes;
    const values =
      first.kind === 'margins' ? await problem.margins(candidates, owners) : await problem.logits(candidates, owners);
    places.forEach(({ answer, row }, slot) => {
      answer.values.set(
        width === 1 ? values.subarray(slot, slot + 1) : values.subarray(slot * width, (slot + 1) * width),
        row * width,
      );
    });
  }

  private settle({ asked, gradient, values }: Answer): void {
    const { instance } = asked;
    this.rounds[instance]! += 1;
    const atOnce = this.options.earlyStop || this.problem.best(instance).distance === 0;
    if (atOnce && this.problem.decided(instance)) this.ends.get(instance)?.();
    else asked.resolve((gradient ?? values) as never);
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

/** The answer to a question, filled in as its rows are evaluated. */
class Answer {
  gradient: PointGradient | undefined;
  readonly values: Float32Array;

  constructor(
    readonly asked: Asked,
    readonly count: number,
    classes: number,
  ) {
    const width = asked.kind === 'margins' ? 1 : asked.kind === 'logits' ? classes : 0;
    this.values = new Float32Array(count * width);
  }
}

class Instance implements AttackInstance {
  readonly features;
  readonly shape;
  readonly box;
  readonly classes;
  readonly targeted;
  readonly original: Float32Array;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly bounds: Bounds;
  rng: Rng;
  run = 0;
  private known: Promise<Int32Array> | undefined;

  constructor(
    private readonly problem: AttackProblem,
    private readonly index: number,
    private readonly ask: (question: Question) => Promise<never>,
  ) {
    const { features, shape, box, classes, targeted, threat, originals } = problem;
    this.features = features;
    this.shape = shape;
    this.box = box;
    this.classes = classes;
    this.targeted = targeted;
    this.original = originals.slice(index * features, (index + 1) * features);
    this.norm = NORMS[threat.norm === 'none' ? 'l2' : threat.norm];
    this.epsilon = threat.norm === 'none' ? Infinity : threat.epsilon;
    this.bounds = problem.bounds(index);
    this.rng = problem.rng(index);
  }

  get best(): BestPoint {
    return this.problem.best(this.index);
  }

  begin(run: number): void {
    this.run = run;
    // The first run draws what a single one would.
    this.rng = run === 0 ? this.problem.rng(this.index) : this.problem.rng(this.index).split(run);
  }

  gradient(point: Float32Array, loss: AttackLoss, rival = -1): Promise<PointGradient> {
    return this.ask({ kind: 'gradient', points: point, loss, rival });
  }

  async margin(point: Float32Array): Promise<number> {
    return (await this.margins(point))[0]!;
  }

  margins(points: Float32Array): Promise<Float32Array> {
    return this.ask({ kind: 'margins', points });
  }

  logits(points: Float32Array): Promise<Float32Array> {
    return this.ask({ kind: 'logits', points });
  }

  rivals(): Promise<Int32Array> {
    this.known ??= this.logits(this.original).then((logits) => this.problem.rivals(this.index, logits, 0));
    return this.known;
  }

  project(point: Float32Array): void {
    this.norm.project(point, this.original, this.epsilon, this.bounds);
  }

  distance(point: Float32Array): number {
    return this.norm.distance(point, this.original);
  }

  stage(name: string): void {
    this.problem.stage(this.index, name);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
