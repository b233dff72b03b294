import type { Pieces } from '@rampart/core';
import { type Model, Session, type Tensor } from '@rampart/onnx';

import type { Optimiser } from '../optimiser';
import { bounds } from './shards';
import { updateRule } from './update';

/** Everything that a thread needs to take part in training: plain data, and arrays in shared memory. */
export interface SharedTraining {
  /** An ONNX file: the gradient's graph. */
  readonly model: Uint8Array;
  readonly threads: number | undefined;
  /** The graph's input for each view, and the rows of the batch. */
  readonly views: readonly { readonly input: string; readonly shape: readonly number[]; readonly rows: Float32Array }[];
  /** The graph's input for the weights, and its outputs. */
  readonly row: string;
  readonly gradient: string;
  readonly loss: string;
  readonly optimiser: Optimiser;
  /** The weights, then what the optimiser keeps. */
  readonly state: readonly [Float32Array, ...Float32Array[]];
  /** What the weight decay multiplies each weight by; empty where there is none. */
  readonly decay: Float32Array;
  /** One a shard: its gradient, its loss. */
  readonly gradients: readonly Float32Array[];
  readonly losses: Float64Array;
  readonly slices: number;
  /** What the round is for, see `Round`, and the rows of the batch. */
  readonly round: Int32Array;
  /** The optimiser's numbers of the step. */
  readonly factors: Float64Array;
}

/** A round computes the gradient of every shard, or updates every slice of the weights. */
export enum Round {
  Gradients,
  Update,
}

/** Weights that are updated at once: their gradients stay in the processor's first cache. */
const BLOCK = 2048;

/** What a helper's thread does: see `TrainingPieces`. */
export async function openTrainingPieces(data: SharedTraining): Promise<Pieces> {
  const session = await openGradient(Uint8Array.from(data.model), data.threads);
  const pieces = new TrainingPieces(data, session);
  return { piece: (index) => pieces.piece(index), close: () => session.dispose() };
}

/** @param model the gradient's graph */
export function openGradient(model: Model | Uint8Array, threads: number | undefined): Promise<Session> {
  return Session.open(model, threads === undefined ? {} : { threads });
}

/**
 * One thread's part in training. The batch is split into shards, whose gradients are summed in their order, each
 * weighted by its share of the rows: the same sum whichever threads computed them.
 */
export class TrainingPieces {
  private readonly rule;
  private readonly weights: Float32Array;
  /** ONNX Runtime takes no shared memory: what it is fed is copied. */
  private readonly feeds = new Map<string, Float32Array>();
  private readonly block = new Float64Array(BLOCK);

  constructor(
    private readonly data: SharedTraining,
    private readonly session: Session,
  ) {
    this.rule = updateRule(data.optimiser);
    this.weights = new Float32Array(data.state[0].length);
  }

  async piece(index: number): Promise<void> {
    if (this.data.round[0] === Round.Gradients) await this.differentiate(index);
    else this.update(index);
  }

  /** Computes the gradient and the loss of a shard. */
  private async differentiate(shard: number): Promise<void> {
    const { views, row, gradient, loss, gradients, losses, state, round } = this.data;
    const ends = bounds(round[1]!, gradients.length);
    const [first, end] = [ends[shard]!, ends[shard + 1]!];
    if (first === end) return;
    this.weights.set(state[0]);
    const feeds: Record<string, Tensor> = { [row]: float32([this.weights.length], this.weights) };
    for (const { input, shape, rows } of views) {
      const size = shape.reduce((product, length) => product * length, 1);
      const part = this.feed(input, (end - first) * size);
      part.set(rows.subarray(first * size, end * size));
      feeds[input] = float32([end - first, ...shape], part);
    }
    const results = await this.session.run(feeds);
    gradients[shard]!.set(results[gradient]!.data as Float32Array);
    losses[shard] = (results[loss]!.data as Float32Array)[0]!;
  }

  private feed(input: string, length: number): Float32Array {
    let array = this.feeds.get(input);
    if (!array || array.length < length) this.feeds.set(input, (array = new Float32Array(length)));
    return array.subarray(0, length);
  }

  /** Sums the gradients of a slice of the weights and updates it. */
  private update(slice: number): void {
    const { state, decay, gradients, slices, round, factors } = this.data;
    const [weights, ...slots] = state;
    const shares = sharesOf(round[1]!, gradients.length);
    const numbers = [...factors];
    const ends = bounds(weights.length, slices);
    for (let first = ends[slice]!; first < ends[slice + 1]!; first += BLOCK) {
      const block = this.block.subarray(0, Math.min(BLOCK, ends[slice + 1]! - first)).fill(0);
      if (decay.length > 0) addProducts(block, decay, weights, first);
      gradients.forEach((gradient, shard) => shares[shard]! > 0 && addScaled(block, gradient, first, shares[shard]!));
      this.rule.update(weights, slots, first, block, numbers);
    }
  }
}

/** The fraction of the rows in each shard. */
export function sharesOf(rows: number, shards: number): number[] {
  const ends = bounds(rows, shards);
  return Array.from({ length: shards }, (_, shard) => (ends[shard + 1]! - ends[shard]!) / rows);
}

function addScaled(sum: Float64Array, values: Float32Array, first: number, factor: number): void {
  for (let i = 0, at = first; i < sum.length; i++, at++) sum[i]! += factor * values[at]!;
}

function addProducts(sum: Float64Array, a: Float32Array, b: Float32Array, first: number): void {
  for (let i = 0, at = first; i < sum.length; i++, at++) sum[i]! += a[at]! * b[at]!;
}

function float32(dims: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}
