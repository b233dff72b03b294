import { bytesOf, checksum } from '@rampart/core';

import { demand, describeLaws, judge, type Law, type LawCheck, once } from './law';

/** One named array with a row a sample; `shape` is that of a row. */
export interface EngineView {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export type EngineViews = Readonly<Record<string, EngineView>>;

/** A training engine as the kit sees it; what objectives and optimisers are is the engine's business. */
export interface EngineUnderTest<Objective, Optimiser> {
  readonly name: string;
  start(options: {
    readonly model: Uint8Array;
    readonly objective: Objective;
    readonly optimiser: Optimiser;
  }): Promise<EngineSession>;
}

export interface EngineSession {
  /** One step; `rate` multiplies the learning rate. */
  step(views: EngineViews, count: number, rate?: number): Promise<number>;
  model(): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

/** Something to train: a model, what it is to minimise and how, and samples. */
export interface EngineTask<Objective, Optimiser> {
  /** "lenet5 by adam". */
  readonly name: string;
  /** Makes the initial model file; called once. */
  readonly model: () => Promise<Uint8Array>;
  readonly objective: Objective;
  /** Its steps must lower the loss on these samples. */
  readonly optimiser: Optimiser;
  readonly views: EngineViews;
  /** Rows of every view. */
  readonly count: number;
}

export interface EngineCheckOptions<Objective, Optimiser> {
  readonly tasks: readonly EngineTask<Objective, Optimiser>[];
  /** An engine that is to reach the same weights. */
  readonly reference?: EngineUnderTest<Objective, Optimiser>;
  /** The weights in a model file, by name. */
  readonly weights: (model: Uint8Array) => ReadonlyMap<string, Float32Array>;
  /** Steps that are compared. Default 20. */
  readonly steps?: number;
  /** Largest difference of a weight, and of a loss, from the reference's. Default 1e-3. */
  readonly tolerance?: number;
}

/** A loss is a mean over rows: summing them in another order may change it by this much. */
const ROUNDING = 1e-4;

/** Proves that a training engine behaves. Every law is named in `Law.name`. */
export async function checkEngine<Objective, Optimiser>(
  engine: EngineUnderTest<Objective, Optimiser>,
  options: EngineCheckOptions<Objective, Optimiser>,
): Promise<Law[]> {
  return judge(engineLaws(engine, options));
}

/** `checkEngine` as one test a law. */
export function describeEngine<Objective, Optimiser>(
  engine: EngineUnderTest<Objective, Optimiser>,
  options: EngineCheckOptions<Objective, Optimiser>,
): void {
  describeLaws(`engine ${engine.name}`, engineLaws(engine, options));
}

/** The laws of training engines, as checks to run. */
export function engineLaws<Objective, Optimiser>(
  engine: EngineUnderTest<Objective, Optimiser>,
  options: EngineCheckOptions<Objective, Optimiser>,
): LawCheck[] {
  return options.tasks.flatMap((task) => {
    const trial = new Trial(engine, task, options);
    const laws: LawCheck[] = [
      { name: 'trains: the loss falls and weights change', check: () => trial.trains() },
      { name: 'keeps the names and sizes of all weights, and keeps them finite', check: () => trial.keepsForm() },
      { name: 'reports the mean loss before the step', check: () => trial.reportsMeanLoss() },
      { name: 'takes steps in proportion to the rate', check: () => trial.heedsRate() },
      { name: 'leaves its inputs alone', check: () => trial.leavesInputs() },
      { name: 'gives the same bytes twice, whatever else trains meanwhile', check: () => trial.repeatsItself() },
      { name: 'hands out the model at any time without being disturbed', check: () => trial.handsOutModel() },
    ];
    if (options.reference) {
      const { name } = options.reference;
      laws.push({ name: `reaches the weights of engine ${name}`, check: () => trial.agrees() });
    }
    return laws.map(({ name, check }) => ({ name: `${task.name}: ${name}`, check }));
  });
}

interface EngineBatch {
  readonly views: EngineViews;
  readonly count: number;
  readonly rate?: number | undefined;
}

interface Run {
  readonly losses: readonly number[];
  readonly model: Uint8Array;
  /** False if the initial model or the views were written into. */
  readonly untouched: boolean;
}

/** One engine on trial with one task. */
class Trial<Objective, Optimiser> {
  private readonly steps: number;
  private readonly tolerance: number;
  private readonly initial = once(() => this.task.model());
  private readonly run = once(() => this.train(this.engine));

  constructor(
    private readonly engine: EngineUnderTest<Objective, Optimiser>,
    private readonly task: EngineTask<Objective, Optimiser>,
    private readonly options: EngineCheckOptions<Objective, Optimiser>,
  ) {
    this.steps = options.steps ?? 20;
    this.tolerance = options.tolerance ?? 1e-3;
  }

  async trains(): Promise<void> {
    const { losses, model } = await this.run();
    const first = losses[0]!;
    const last = losses[losses.length - 1]!;
    demand(
      losses.every(Number.isFinite) && last < first,
      () => `The loss was ${first} before the first step and ${last} before the last one. Expected it to fall.`,
    );
    const before = this.options.weights(await this.initial());
    const { distance } = farthest(before, this.options.weights(model));
    demand(distance > 0, () => `After ${this.steps} steps every weight is what it was. Return the trained weights.`);
  }

  async keepsForm(): Promise<void> {
    const before = this.options.weights(await this.initial());
    const after = this.options.weights((await this.run()).model);
    for (const [name, values] of before) {
      const now = after.get(name);
      demand(now?.length === values.length, () => {
        const received = now ? `${now.length} values` : 'none';
        return `Expected weight "${name}" to keep its ${values.length} values. Received: ${received}.`;
      });
      const bad = now!.findIndex((value) => !Number.isFinite(value));
      demand(bad < 0, () => `Weight "${name}" is ${now![bad]} at element ${bad}.`);
    }
    demand(after.size === before.size, () => `Expected ${before.size} weights. Received ${after.size}.`);
  }

  async reportsMeanLoss(): Promise<void> {
    const { views, count } = this.task;
    const doubled = mapViews(views, (data) => {
      const twice = new Float32Array(data.length * 2);
      twice.set(data);
      twice.set(data, data.length);
      return twice;
    });
    const [once] = (await this.train(this.engine, [{ views, count }])).losses;
    const [twice] = (await this.train(this.engine, [{ views: doubled, count: 2 * count }])).losses;
    demand(
      Math.abs(once! - twice!) <= ROUNDING * Math.max(1, Math.abs(once!)),
      () =>
        `The loss of a batch is ${once}, with every sample in it twice ${twice}. Expected the same: the mean over samples, at the weights before the step.`,
    );
    if (!this.options.reference) return;
    const [expected] = (await this.train(this.options.reference, [{ views, count }])).losses;
    demand(
      Math.abs(once! - expected!) <= ROUNDING * Math.max(1, Math.abs(expected!)),
      () =>
        `The loss of the initial weights is ${once}. Expected ${expected}, as engine ${this.options.reference!.name} finds.`,
    );
  }

  async heedsRate(): Promise<void> {
    const { views, count } = this.task;
    const before = this.options.weights(await this.initial());
    const moved = async (rate?: number) => {
      const { model } = await this.train(this.engine, [{ views, count, rate }]);
      return farthest(before, this.options.weights(model)).distance;
    };
    const [whole, same, half, none] = [await moved(), await moved(1), await moved(0.5), await moved(0)];
    demand(
      same === whole && none === 0 && Math.abs(half / whole - 0.5) <= 0.01,
      () =>
        `The first step moves a weight by up to ${whole}; at rate 1 by ${same}, at rate 0.5 by ${half}, at rate 0 by ${none}. Expected the rate to multiply the learning rate.`,
    );
  }

  async leavesInputs(): Promise<void> {
    const { untouched } = await this.run();
    demand(untouched, () => 'It wrote into the model or the views that it was given. Work on copies.');
  }

  async repeatsItself(): Promise<void> {
    const { model } = await this.run();
    const batches = this.batches();
    const first = await this.start(this.engine);
    const second = await this.start(this.engine);
    try {
      for (const { views, count, rate } of batches) {
        await first.step(views, count, rate);
        await second.step(views, count, rate);
      }
      for (const session of [first, second]) {
        demand(
          checksum(await session.model()) === checksum(model),
          () =>
            'The same steps gave other bytes than before. Keep all state in the session and draw nothing at random.',
        );
      }
    } finally {
      await first.dispose();
      await second.dispose();
    }
  }

  async handsOutModel(): Promise<void> {
    const undisturbed = await this.run();
    const session = await this.start(this.engine);
    try {
      const initial = this.options.weights(await session.model());
      const { name, distance } = farthest(this.options.weights(await this.initial()), initial);
      demand(distance === 0, () => `Before the first step weight "${name}" differs by ${distance} from the file's.`);
      for (const { views, count, rate } of this.batches()) {
        await session.step(views, count, rate);
        await session.model();
      }
      demand(
        checksum(await session.model()) === checksum(undisturbed.model),
        () => 'Asking for the model after every step changed the result.',
      );
    } finally {
      await session.dispose();
    }
  }

  async agrees(): Promise<void> {
    const reference = await this.train(this.options.reference!);
    const run = await this.run();
    const { name, distance } = farthest(this.options.weights(reference.model), this.options.weights(run.model));
    demand(
      distance <= this.tolerance,
      () =>
        `After ${this.steps} steps weight "${name}" differs by ${distance} from that of engine ${this.options.reference!.name}. Expected at most ${this.tolerance}.`,
    );
    for (const [step, expected] of reference.losses.entries()) {
      demand(
        Math.abs(run.losses[step]! - expected) <= this.tolerance * Math.max(1, Math.abs(expected)),
        () => `The loss before step ${step + 1} is ${run.losses[step]}. Expected ${expected}.`,
      );
    }
  }

  private async start(engine: EngineUnderTest<Objective, Optimiser>): Promise<EngineSession> {
    const { objective, optimiser } = this.task;
    return engine.start({ model: await this.initial(), objective, optimiser });
  }

  private async train(
    engine: EngineUnderTest<Objective, Optimiser>,
    batches: readonly EngineBatch[] = this.batches(),
  ): Promise<Run> {
    const initial = await this.initial();
    const digest = () => [initial, ...batches.flatMap(({ views }) => arraysOf(views))].map(checksum).join();
    const before = digest();
    const session = await this.start(engine);
    try {
      const losses: number[] = [];
      for (const { views, count, rate } of batches) losses.push(await session.step(views, count, rate));
      return { losses, model: await session.model(), untouched: digest() === before };
    } finally {
      await session.dispose();
    }
  }

  /**
   * All samples at first and at last, so that losses compare; between them a whole and a smaller batch in turn. The
   * rate falls slowly.
   */
  private batches(): EngineBatch[] {
    const { views, count } = this.task;
    const part = Math.max(1, Math.ceil(count / 2));
    const smaller = mapViews(views, (data) => data.subarray(0, (data.length / count) * part));
    return Array.from({ length: this.steps }, (_, step) => {
      const rate = 1 - step / (2 * this.steps);
      const isWhole = step % 2 === 0 || step === this.steps - 1;
      return isWhole ? { views, count, rate } : { views: smaller, count: part, rate };
    });
  }
}

function mapViews(views: EngineViews, change: (data: Float32Array) => Float32Array): EngineViews {
  return Object.fromEntries(Object.entries(views).map(([name, view]) => [name, { ...view, data: change(view.data) }]));
}

function arraysOf(views: EngineViews): Uint8Array[] {
  return Object.values(views).map(({ data }) => bytesOf(data));
}

/** The weight that differs most between two models. */
function farthest(
  expected: ReadonlyMap<string, Float32Array>,
  received: ReadonlyMap<string, Float32Array>,
): { readonly name: string; readonly distance: number } {
  let result = { name: '', distance: 0 };
  for (const [name, values] of expected) {
    const others = received.get(name);
    for (let i = 0; i < values.length; i++) {
      const distance = Math.abs(values[i]! - (others?.[i] ?? NaN));
      // NaN is farther than anything.
      if (!(distance <= result.distance)) result = { name, distance };
    }
  }
  return result;
}
