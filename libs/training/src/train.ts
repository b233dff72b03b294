import { setImmediate } from 'node:timers/promises';

import { RampartError, type Rng, throwIfCancelled, type WorkOptions } from '@rampart/core';

import type { View, Views } from './engine';
import { startTraining } from './engines';
import { type InnerAttack, innerViews } from './inner-attack';
import { checkObjective, comparedViews, fedViews, type Objective } from './objective';
import type { Optimiser } from './optimiser';
import { type Averaging, checkAveraging, rateAt, type Schedule } from './schedule';

export interface TrainingData {
  /** Every view that the objective names, with `count` rows. */
  readonly views: Views;
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
  /** Orders the samples of every epoch. */
  readonly rng: Rng;
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
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

/** Progress reports of an epoch, at most. */
const REPORTS_PER_EPOCH = 20;

/**
 * Trains a model. The order of samples depends on `rng` alone, so every engine sees the same batches; the last batch
 * of an epoch is the smaller one.
 * @throws RampartError `cancelled` when the signal fires, between two steps
 * @throws RampartError `contract` when the loss is no longer finite
 * @throws RampartError `usage` or `bad-data` when objective, options and data do not fit each other
 */
export async function train(options: TrainOptions): Promise<Trained> {
  const { data, epochs, batchSize, signal, onProgress } = options;
  check(options);
  throwIfCancelled(signal);
  const { replays = 1, averaging } = options;
  const session = await startTraining(options.engine, { ...options, rng: options.rng.split('inner') });
  try {
    const losses: number[] = [];
    const stepsPerEpoch = Math.ceil(data.count / batchSize);
    const stepsPerReport = Math.ceil(stepsPerEpoch / REPORTS_PER_EPOCH);
    const total = epochs * stepsPerEpoch;
    const model = () => session.model(averaging !== undefined);
    const batcher = new Batcher(data.views, batchSize);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = options.rng.split(`epoch-${epoch}`).permutation(data.count);
      let sum = 0;
      for (let step = 0; step < stepsPerEpoch; step++) {
        throwIfCancelled(signal);
        const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
        const taken = epoch * stepsPerEpoch + step;
        const views = batcher.take(indices);
        await options.onBatch?.({ views, indices, step: taken, model: () => session.model() });
        const reach = Math.min(1, (taken + 1) / ((options.warmUp ?? 0) * stepsPerEpoch || 1));
        for (let replay = 0; replay < replays; replay++) {
          const { schedule = 'constant' } = options;
          const rate =
            typeof schedule === 'function' ? schedule(taken) : rateAt(schedule, (taken + replay / replays) / total);
          const loss = await session.step(views, indices.length, rate, reach);
          if (options.onStep?.(taken, loss) === 'stop') return { model: await model(), losses };
          if (!Number.isFinite(loss)) throw diverged(loss, epoch, step);
          sum += (loss * indices.length) / replays;
        }
        if (averaging && 'decay' in averaging) session.average(Math.max(1 - averaging.decay, 1 / (taken + 1)));
        if ((step + 1) % stepsPerReport === 0 || step + 1 === stepsPerEpoch) {
          const mean = sum / Math.min(data.count, (step + 1) * batchSize);
          onProgress?.({
            done: taken + 1,
            total,
            unit: 'batches',
            detail: `epoch ${epoch + 1}/${epochs}, loss ${mean.toPrecision(3)}`,
          });
        }
        // A step blocks the thread: signals, timers and other work get their turn here.
        await setImmediate();
      }
      losses.push(sum / data.count);
      if (averaging && 'from' in averaging) {
        const first = Math.floor(averaging.from * epochs);
        if (epoch >= first) session.average(1 / (epoch - first + 1));
      }
      const next = await options.onEpoch?.({ epoch: epoch + 1, loss: losses.at(-1)!, model });
      if (next === 'stop') break;
    }
    return { model: await model(), losses };
  } finally {
    await session.dispose();
  }
}

function diverged(loss: number, epoch: number, step: number): RampartError {
  return new RampartError({
    code: 'contract',
    message: `Training diverged: the loss is ${loss} in epoch ${epoch + 1}, batch ${step + 1}. Expected a finite loss. Lower the learning rate, or look for NaN in the data and for weights that are too large.`,
  });
}

/** Gathers rows into arrays that it keeps: no batch outlives the step that it is made for. */
class Batcher {
  private readonly buffers: Readonly<Record<string, Float32Array>>;

  constructor(
    private readonly views: Views,
    batchSize: number,
  ) {
    this.buffers = Object.fromEntries(
      Object.entries(views).map(([name, view]) => [name, new Float32Array(batchSize * rowSize(view))]),
    );
  }

  take(indices: Int32Array): Views {
    const batch: Record<string, View> = {};
    for (const [name, view] of Object.entries(this.views)) {
      const size = rowSize(view);
      const buffer = this.buffers[name]!;
      for (let i = 0; i < indices.length; i++) {
        const from = indices[i]! * size;
        buffer.set(view.data.subarray(from, from + size), i * size);
      }
      batch[name] = { data: buffer.subarray(0, indices.length * size), shape: view.shape };
    }
    return batch;
  }
}

function rowSize(view: View): number {
  return view.shape.reduce((product, size) => product * size, 1);
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
  const made = new Set(inner && [inner.to, inner.keep]);
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
    if (view.data.length !== data.count * rowSize(view)) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected view "${name}" to have ${data.count} rows of ${rowSize(view)} values. Received ${view.data.length} values.`,
      });
    }
  }
}
