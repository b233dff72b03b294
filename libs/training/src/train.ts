import { setImmediate } from 'node:timers/promises';

import { type DeviceLog, NORMS, RampartError, type Rng, throwIfCancelled, type WorkOptions } from '@rampart/core';

import { Batcher, type PartedView, partsOf, rowSize } from './batcher';
import type { SessionState, TrainingSession, View, Views } from './engine';
import { startTraining } from './engines';
import { type InnerAttack, innerViews, keptChanges } from './inner-attack';
import { checkObjective, comparedViews, fedViews, type Objective } from './objective';
import type { Optimiser } from './optimiser';
import { type Averaging, checkAveraging, rateAt, type Schedule } from './schedule';

export interface TrainingData {
  /** Every view that the objective names, with `count` rows. */
  readonly views: Readonly<Record<string, View | PartedView>>;
  readonly count: number;
}

export interface TrainOptions extends WorkOptions {
  /** The name of an engine, or `auto`. */
  readonly engine: string;
  /** An ONNX file: the initial weights. */
  readonly model: Uint8Array;
  readonly objective: Objective;
  readonly optimiser: Optimiser;
  readonly data: TrainingData;
  readonly epochs: number;
  readonly batchSize: number;
  /**
   * How the learning rate goes from the first step to the last, as a part of the optimiser's, or for each step counted
   * from 0. Default constant.
   */
  readonly schedule?: Schedule | ((step: number) => number);
  /** Makes a view before every step, at the weights of that step. */
  readonly inner?: InnerAttack | undefined;
  /** Epochs over which the inner attack's epsilon grows from 0 to its own. Default 0. */
  readonly warmUp?: number;
  /** Steps that are taken on every batch. Default 1. */
  readonly replays?: number;
  /** Layers whose weights stay as they are. */
  readonly frozen?: readonly string[] | undefined;
  /** Whether batch normalisation works as in training. Default: in its inference form. */
  readonly batchStatistics?: boolean | undefined;
  /** How far the weights of each layer are moved before the gradient is taken, as a part of their norm. Default 0. */
  readonly perturbation?: number | undefined;
  /** Whose average is the trained model; the weights of the last step where nothing is said. */
  readonly averaging?: Averaging | undefined;
  /** Changes a batch before its step: the views of its rows, which it may write to. */
  readonly onBatch?: (batch: Batch) => Promise<void> | void;
  /** Told the loss of every step, before a loss that is not finite is refused. Where it answers `stop`, that was the last. */
  readonly onStep?: (step: number, loss: number) => 'go on' | 'stop';
  /** Told after every epoch. Where it answers `stop`, that was the last. */
  readonly onEpoch?: (epoch: Epoch) => Promise<'go on' | 'stop'>;
  /** What changes along with the training and is kept at checkpoints with it: plain values. */
  readonly beside?: { keep(): unknown; restore(kept: unknown): void } | undefined;
  /** Orders the samples of every epoch. */
  readonly rng: Rng;
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /** Where gradients are computed, and who is told what was found there; the CPU where nothing is said. */
  readonly device?: DeviceLog | undefined;
}

/** The rows of a step. */
export interface Batch {
  readonly views: Views;
  /** Which samples they are. */
  readonly indices: Int32Array;
  /** Counted from 0. */
  readonly step: number;
  /** The model at this step. */
  model(): Promise<Uint8Array>;
}

export interface Epoch {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean loss over its samples. */
  readonly loss: number;
  /** The model so far: the average where weights are averaged. */
  model(): Promise<Uint8Array>;
}

export interface Trained {
  /** The ONNX file with the trained weights. */
  readonly model: Uint8Array;
  /** Mean loss over the samples of each epoch. */
  readonly losses: readonly number[];
}

/**
 * Trains a model. The order of samples depends on `rng` alone, so every engine sees the same batches; the last batch
 * of an epoch is the smaller one. With a checkpoint it goes on from where the same training was interrupted.
 * @throws RampartError `cancelled` when the signal fires, between two steps
 * @throws RampartError `contract` when the loss is no longer finite
 * @throws RampartError `usage` or `bad-data` when objective, options and data do not fit each other
 */
export async function train(options: TrainOptions): Promise<Trained> {
  check(options);
  throwIfCancelled(options.signal);
  const kept = (await options.checkpoint?.read(options.rng.path)) as KeptTraining | undefined;
  if (kept && 'model' in kept) {
    options.beside?.restore(kept.beside);
    return { model: kept.model, losses: kept.losses };
  }
  const session = await startTraining(options.engine, { ...options, rng: options.rng.split('inner') });
  try {
    const course = new Course(options, session);
    if (kept) await course.goOn(kept);
    return await course.run();
  } finally {
    await session.dispose();
  }
}

/** What a checkpoint has of a training that is over, or of one under way. */
type KeptTraining = { readonly losses: readonly number[]; readonly beside: unknown } & (
  | { readonly model: Uint8Array }
  | {
      readonly taken: number;
      readonly sum: number;
      readonly session: SessionState;
      readonly changes: Float32Array | undefined;
    }
);

/** Progress reports of an epoch, at most. */
const REPORTS_PER_EPOCH = 20;

/** A training under way. */
class Course {
  /** Batches so far, of `total`. */
  private taken = 0;
  private readonly total: number;
  private readonly stepsPerEpoch: number;
  /** Loss of the samples of this epoch so far, and mean losses of those before. */
  private sum = 0;
  private losses: number[] = [];
  private order: { readonly epoch: number; readonly indices: Int32Array } | undefined;
  private readonly batcher: Batcher;
  /** What the inner attack has made of every sample, where it keeps that. */
  private readonly changes: { readonly name: string; readonly view: View } | undefined;

  constructor(
    private readonly options: TrainOptions,
    private readonly session: TrainingSession,
  ) {
    const { data, epochs, batchSize, inner } = options;
    const kept = inner && keptChanges(inner);
    this.changes =
      kept === undefined ? undefined : { name: kept, view: randomChanges(inner!, data, options.rng.split('changes')) };
    this.stepsPerEpoch = Math.ceil(data.count / batchSize);
    this.total = epochs * this.stepsPerEpoch;
    this.batcher = new Batcher({ ...data.views, ...(kept !== undefined && { [kept]: this.changes!.view }) }, batchSize);
  }

  /** Takes the place of a training that was interrupted; the state of another one is left alone. */
  async goOn(kept: Extract<KeptTraining, { taken: number }>): Promise<void> {
    if (!(await this.session.restore(kept.session))) return;
    this.taken = kept.taken;
    this.sum = kept.sum;
    this.losses = [...kept.losses];
    if (kept.changes) this.changes?.view.data.set(kept.changes);
    this.options.beside?.restore(kept.beside);
  }

  async run(): Promise<Trained> {
    const { signal, checkpoint } = this.options;
    const first = this.taken;
    let answer: 'go on' | 'stop' = 'go on';
    while (answer === 'go on' && this.taken < this.total) {
      // Whoever stops it loses nothing.
      if (signal?.aborted && this.taken > first) await this.keep();
      throwIfCancelled(signal);
      answer = await this.step();
      if (answer === 'go on' && ++this.taken % this.stepsPerEpoch === 0) answer = await this.endEpoch();
      if (answer === 'go on' && checkpoint?.due()) await this.keep();
      // A step blocks the thread: signals, timers and other work get their turn here.
      await setImmediate();
    }
    const trained = { model: await this.model(), losses: this.losses };
    if (checkpoint?.due()) await this.keep(trained);
    return trained;
  }

  /** The steps of one batch. */
  private async step(): Promise<'go on' | 'stop'> {
    const { options, session, taken, stepsPerEpoch } = this;
    const { data, epochs, batchSize, replays = 1, averaging, schedule = 'constant', warmUp = 0 } = options;
    const [epoch, step] = [Math.floor(taken / stepsPerEpoch), taken % stepsPerEpoch];
    const indices = this.orderOf(epoch).subarray(step * batchSize, (step + 1) * batchSize);
    const views = this.batcher.take(indices);
    await options.onBatch?.({ views, indices, step: taken, model: () => session.model() });
    const reach = Math.min(1, (taken + 1) / (warmUp * stepsPerEpoch || 1));
    for (let replay = 0; replay < replays; replay++) {
      const rate =
        typeof schedule === 'function' ? schedule(taken) : rateAt(schedule, (taken + replay / replays) / this.total);
      const loss = await session.step(views, indices.length, rate, reach);
      if (options.onStep?.(taken, loss) === 'stop') return 'stop';
      if (!Number.isFinite(loss)) throw diverged(loss, epoch, step);
      this.sum += (loss * indices.length) / replays;
    }
    this.keepChanges(indices, views);
    if (averaging && 'decay' in averaging) session.average(Math.max(1 - averaging.decay, 1 / (taken + 1)));
    if ((step + 1) % Math.ceil(stepsPerEpoch / REPORTS_PER_EPOCH) === 0 || step + 1 === stepsPerEpoch) {
      const mean = this.sum / Math.min(data.count, (step + 1) * batchSize);
      options.onProgress?.({
        done: taken + 1,
        total: this.total,
        unit: 'batches',
        detail: `epoch ${epoch + 1}/${epochs}, loss ${mean.toPrecision(3)}`,
      });
    }
    return 'go on';
  }

  private async endEpoch(): Promise<'go on' | 'stop'> {
    const { data, epochs, averaging, onEpoch } = this.options;
    const loss = this.sum / data.count;
    this.losses.push(loss);
    this.sum = 0;
    const epoch = this.losses.length;
    if (averaging && 'from' in averaging) {
      const averaged = epoch - Math.floor(averaging.from * epochs);
      if (averaged > 0) this.session.average(1 / averaged);
    }
    return (await onEpoch?.({ epoch, loss, model: () => this.model() })) ?? 'go on';
  }

  /** The samples of an epoch in their order. */
  private orderOf(epoch: number): Int32Array {
    const { rng, data } = this.options;
    if (this.order?.epoch !== epoch)
      this.order = { epoch, indices: rng.split(`epoch-${epoch}`).permutation(data.count) };
    return this.order.indices;
  }

  private keepChanges(indices: Int32Array, views: Views): void {
    if (!this.changes) return;
    const { name, view } = this.changes;
    const size = rowSize(view);
    indices.forEach((index, i) => {
      view.data.set(views[name]!.data.subarray(i * size, (i + 1) * size), index * size);
    });
  }

  private model(): Promise<Uint8Array> {
    return this.session.model(this.options.averaging !== undefined);
  }

  private async keep(trained?: Trained): Promise<void> {
    const { checkpoint, rng, beside } = this.options;
    const { taken, sum, losses } = this;
    const state: KeptTraining = {
      ...{ losses, beside: beside?.keep() },
      ...(trained
        ? { model: trained.model }
        : { taken, sum, session: await this.session.state(), changes: this.changes?.view.data }),
    };
    await checkpoint?.keep(rng.path, state);
  }
}

/** A point of the ball around every sample. */
function randomChanges({ from, norm, epsilon }: InnerAttack, { views, count }: TrainingData, rng: Rng): View {
  const { shape } = views[from]!;
  const size = rowSize(views[from]!);
  const data = new Float32Array(count * size);
  for (let first = 0; first < data.length; first += size) {
    const row = data.subarray(first, first + size);
    NORMS[norm].random(rng, row);
    for (let k = 0; k < size; k++) row[k]! *= epsilon;
  }
  return { data, shape };
}

function diverged(loss: number, epoch: number, step: number): RampartError {
  return new RampartError({
    code: 'contract',
    message: `Training diverged: the loss is ${loss} in epoch ${epoch + 1}, batch ${step + 1}. Expected a finite loss. Lower the learning rate, or look for NaN in the data and for weights that are too large.`,
  });
}

function check({ objective, data, epochs, batchSize, inner, averaging }: TrainOptions): void {
  for (const [name, value] of Object.entries({ epochs, batchSize, 'number of samples': data.count })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RampartError({
      code: 'usage',
      message: `Training needs the ${name} to be a whole number of 1 or more. Received: ${value}.`,
    });
  }
  const { terms } = checkObjective(objective);
  if (averaging) checkAveraging(averaging);
  const made = new Set(inner && [inner.to, inner.keep, keptChanges(inner)]);
  const named = [...fedViews(terms), ...comparedViews(terms), ...(inner ? innerViews(inner) : [])];
  for (const name of new Set(named)) {
    if (made.has(name)) continue;
    const view = data.views[name];
    if (!view) {
      throw new RampartError({
        code: 'usage',
        message: `The training objective names the view "${name}". Received the views: ${Object.keys(data.views).join(', ')}.`,
      });
    }
    const lengths = partsOf(view).map((part) => part.length);
    const length = lengths.reduce((sum, one) => sum + one, 0);
    if (length !== data.count * rowSize(view) || lengths.some((one) => one % rowSize(view) !== 0)) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected view "${name}" to have ${data.count} rows of ${rowSize(view)} values. Received ${lengths.join(' and ')} values.`,
      });
    }
  }
}
