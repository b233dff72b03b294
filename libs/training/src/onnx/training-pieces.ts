import { argmax, type Pieces, Rng, softmax } from '@rampart/core';
import { type Model, Session, type Tensor } from '@rampart/onnx';

import { attackRows, changedRows, type InnerAttack, keptChanges } from '../inner-attack';
import type { Optimiser } from '../optimiser';
import type { InnerGraph } from './gradient-graph';
import type { InTwo } from './in-two';
import { bounds } from './shards';
import { updateRule } from './update';

/** Everything that a thread needs to take part in training: plain data, and arrays in shared memory. */
export interface SharedTraining {
  /** An ONNX file: the gradient's graph. Empty where helpers only update the weights. */
  readonly model: Uint8Array;
  readonly threads: number | undefined;
  /** The rows of the batch in each view, and the graph's input for it if it is fed to that. */
  readonly views: readonly SharedView[];
  readonly inner: SharedInner | undefined;
  /** The weights that gradients are taken at. */
  readonly point: Float32Array;
  readonly statistics: SharedStatistics | undefined;
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
  /** What the round is for, see `Round`; the rows of the batch; and the step. */
  readonly round: Int32Array;
  /** The optimiser's numbers of the step. */
  readonly factors: Float64Array;
}

export interface SharedView {
  readonly name: string;
  readonly input: string | undefined;
  readonly shape: readonly number[];
  readonly rows: Float32Array;
}

/** The inner attack, which every shard makes on its own rows. */
export interface SharedInner {
  readonly attack: InnerAttack;
  /** ONNX files and their names; undefined for a free attack, which has the gradient's. */
  readonly graph: (Omit<InnerGraph, 'models'> & { readonly models: InnerFiles }) | undefined;
  /** The gradient's output that a free attack goes by. */
  readonly viewGradient: string | undefined;
  /** What a free attack has changed so far: as many values as the view of originals has. */
  readonly changes: Float32Array;
  /** Where the generator stands in its tree. */
  readonly rng: string;
  /** What epsilon is multiplied by in this step. */
  readonly reach: Float64Array;
}

export interface InnerFiles {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

/** Running means and variances of batch normalisations. */
export interface SharedStatistics {
  readonly running: Float32Array;
  /** The output that holds a shard's own, and those of each shard. */
  readonly output: string;
  readonly own: readonly Float32Array[];
}

/** A round makes adversarial rows and computes the gradient of every shard, or updates every slice of the weights. */
export enum Round {
  Gradients,
  Update,
  /** The gradients once more, of the rows that were made. */
  Again,
}

/** Weights that are updated at once: their gradients stay in the processor's first cache. */
const BLOCK = 2048;

/** What a helper's thread does: see `TrainingPieces`. */
export async function openTrainingPieces(data: SharedTraining): Promise<Pieces> {
  const { model, inner, threads } = data;
  const sessions = model.length === 0 ? undefined : await openSessions({ model, inner: inner?.graph?.models }, threads);
  const pieces = new TrainingPieces(data, sessions);
  return { piece: (index) => pieces.piece(index), close: async () => sessions?.dispose() };
}

/** What is needed of a session. */
type Computes = Pick<Session, 'run' | 'dispose'>;

/** The sessions of a training: of the gradient's graph, and of an inner attack's two models. */
export class TrainingSessions {
  constructor(
    readonly gradient: Computes,
    readonly inner: Readonly<Record<keyof InTwo, Computes>> | undefined,
  ) {}

  async dispose(): Promise<void> {
    await this.inner?.first.dispose();
    await this.inner?.second.dispose();
    await this.gradient.dispose();
  }
}

/** @param model the gradient's graph */
export async function openSessions(
  { model, inner }: { readonly model: Model | Uint8Array; readonly inner: InTwo | InnerFiles | undefined },
  threads: number | undefined,
): Promise<TrainingSessions> {
  const open = (one: Model | Uint8Array) =>
    // ONNX Runtime takes no shared memory.
    Session.open(one instanceof Uint8Array ? Uint8Array.from(one) : one, threads === undefined ? {} : { threads });
  const gradient = await open(model);
  return new TrainingSessions(gradient, inner && { first: await open(inner.first), second: await open(inner.second) });
}

/**
 * One thread's part in training. The batch is split into shards, whose gradients are summed in their order, each
 * weighted by its share of the rows: the same sum whichever threads computed them.
 */
export class TrainingPieces {
  private readonly rule;
  private readonly weights: Float32Array;
  private readonly running: Float32Array;
  /** ONNX Runtime takes no shared memory: what it is fed is copied. */
  private readonly feeds = new Map<string, Float32Array>();
  private readonly block = new Float64Array(BLOCK);
  private made: { readonly step: number; readonly values: Readonly<Record<string, Tensor>> } | undefined;

  constructor(
    private readonly data: SharedTraining,
    private readonly sessions: TrainingSessions | undefined,
  ) {
    this.rule = updateRule(data.optimiser);
    this.weights = new Float32Array(data.state[0].length);
    this.running = new Float32Array(data.statistics?.running.length ?? 0);
  }

  async piece(index: number): Promise<void> {
    if (this.data.round[0] === Round.Update) this.update(index);
    else await this.differentiate(index);
  }

  /** Computes the gradient and the loss of a shard. */
  private async differentiate(shard: number): Promise<void> {
    const { views, row, gradient, loss, gradients, losses, point, round, inner, statistics } = this.data;
    const ends = bounds(round[1]!, gradients.length);
    const [first, end] = [ends[shard]!, ends[shard + 1]!];
    if (first === end) return;
    this.weights.set(point);
    if (inner && round[0] === Round.Gradients) await this.attack(inner, shard, first, end);
    // The batch first: by its rows a device is compared with the CPU.
    const feeds: Record<string, Tensor> = {};
    for (const view of views) {
      if (view.input === undefined) continue;
      const rows = this.part(view.input, view, first, end);
      feeds[view.input] = float32([end - first, ...view.shape], rows);
    }
    feeds[row] = float32([this.weights.length], this.weights);
    const results = await this.sessions!.gradient.run(feeds);
    gradients[shard]!.set(results[gradient]!.data as Float32Array);
    losses[shard] = (results[loss]!.data as Float32Array)[0]!;
    statistics?.own[shard]!.set(results[statistics.output]!.data as Float32Array);
    if (inner?.viewGradient !== undefined && round[0] === Round.Gradients) {
      this.moveFreely(inner, results[inner.viewGradient]!.data as Float32Array, first, end);
    }
  }

  /** Writes the rows of the view that the inner attack makes, and of the answers that it keeps. */
  private async attack({ attack, graph, changes, rng, reach }: SharedInner, shard: number, first: number, end: number) {
    const from = this.view(attack.from);
    const size = sizeOf(from);
    const made = this.view(attack.to).rows.subarray(first * size, end * size);
    const originals = Float32Array.from(from.rows.subarray(first * size, end * size));
    if (!graph) {
      made.set(changedRows(attack, originals, changes.subarray(first * size), end - first));
      return;
    }
    const { against, keep } = attack;
    const answers = this.view(graph.logits);
    const classes = sizeOf(answers);
    const aims = this.feed('aim', (end - first) * classes);
    const ofWeights = await this.madeOfWeights(graph);
    const run = async (points: Float32Array) =>
      this.sessions!.inner!.second.run({
        [graph.points]: float32([end - first, ...from.shape], points),
        [graph.aim]: float32([end - first, ...answers.shape], aims),
        ...ofWeights,
      });
    if (typeof against === 'string' || keep !== undefined) {
      // Without an aim the gradient is zero, and a device that is compared with the CPU here would be right whatever it does.
      aims.fill(1 / classes);
      const { [graph.logits]: logits } = await run(originals);
      const own = softmax(logits!.data as Float32Array, classes);
      if (keep !== undefined) this.view(keep).rows.set(own, first * classes);
      if (against === 'own') aims.set(own);
      if (against === 'predicted') likeliest(own, classes, aims);
    }
    if (typeof against !== 'string') {
      const labels = this.view(against.view);
      aims.set(labels.rows.subarray(first * classes, end * classes));
    }
    const reached = attack.reach === undefined ? undefined : this.view(attack.reach).rows;
    const kept = keptChanges(attack);
    const points = await attackRows(attack, {
      originals,
      changes: kept === undefined ? undefined : this.view(kept).rows.subarray(first * size, end * size),
      count: end - first,
      reach: Array.from({ length: end - first }, (_, i) => (reached?.[first + i] ?? 1) * reach[0]!),
      rng: Rng.at(rng).split(this.data.round[2]!).split(shard),
      gradient: async (rows) => (await run(rows))[graph.gradient]!.data as Float32Array,
    });
    made.set(points);
  }

  /** Moves the changes of a free attack by epsilon along the sign of the gradient. */
  private moveFreely(
    { attack, changes, reach }: SharedInner,
    gradient: Float32Array,
    first: number,
    end: number,
  ): void {
    const size = sizeOf(this.view(attack.from));
    const reached = attack.reach === undefined ? undefined : this.view(attack.reach).rows;
    for (let i = first; i < end; i++) {
      const epsilon = attack.epsilon * reach[0]! * (reached?.[i] ?? 1);
      for (let k = 0; k < size; k++) {
        const moved = changes[i * size + k]! + epsilon * Math.sign(gradient[(i - first) * size + k]!);
        changes[i * size + k] = Math.min(Math.max(moved, -epsilon), epsilon);
      }
    }
  }

  /** What the inner attack's first model makes, once a step. */
  private async madeOfWeights(graph: NonNullable<SharedInner['graph']>): Promise<Readonly<Record<string, Tensor>>> {
    const step = this.data.round[2]!;
    if (this.made?.step === step) return this.made.values;
    const values = await this.sessions!.inner!.first.run({
      [graph.row]: float32([this.weights.length], this.weights),
      ...(graph.statistics !== undefined && { [graph.statistics]: this.statistics() }),
    });
    this.made = { step, values };
    return values;
  }

  private statistics(): Tensor {
    this.running.set(this.data.statistics!.running);
    return float32([this.running.length], this.running);
  }

  private view(name: string): SharedView {
    return this.data.views.find((view) => view.name === name)!;
  }

  private part(name: string, view: SharedView, first: number, end: number): Float32Array {
    const size = sizeOf(view);
    const part = this.feed(name, (end - first) * size);
    part.set(view.rows.subarray(first * size, end * size));
    return part;
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
      addShares(block, gradients, shares, first);
      this.rule.update(weights, slots, first, block, numbers);
    }
  }
}

function sizeOf({ shape }: SharedView): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** One-hot rows of the likeliest class. */
function likeliest(probabilities: Float32Array | Float64Array, classes: number, into: Float32Array): void {
  into.fill(0);
  for (let at = 0; at < into.length; at += classes) into[at + argmax(probabilities, at, classes)] = 1;
}

/** The fraction of the rows in each shard. */
export function sharesOf(rows: number, shards: number): number[] {
  const ends = bounds(rows, shards);
  return Array.from({ length: shards }, (_, shard) => (ends[shard + 1]! - ends[shard]!) / rows);
}

/** Adds every shard's gradient in turn: the usual four in one pass, which comes to the same sums in half the time. */
function addShares(
  sum: Float64Array,
  gradients: readonly Float32Array[],
  shares: readonly number[],
  first: number,
): void {
  const [a, b, c, d] = gradients;
  const [ofA, ofB, ofC, ofD] = shares;
  if (gradients.length === 4 && shares.every((share) => share > 0)) {
    for (let i = 0, at = first; i < sum.length; i++, at++) {
      sum[i] = sum[i]! + ofA! * a![at]! + ofB! * b![at]! + ofC! * c![at]! + ofD! * d![at]!;
    }
    return;
  }
  gradients.forEach((gradient, shard) => {
    const share = shares[shard]!;
    if (share === 0) return;
    for (let i = 0, at = first; i < sum.length; i++, at++) sum[i]! += share * gradient[at]!;
  });
}

function addProducts(sum: Float64Array, a: Float32Array, b: Float32Array, first: number): void {
  for (let i = 0, at = first; i < sum.length; i++, at++) sum[i]! += a[at]! * b[at]!;
}

function float32(dims: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}
