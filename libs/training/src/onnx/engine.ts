import { RampartError, sharedBytes, sharedFloats, SharedWork } from '@rampart/core';
import { withWeights } from '@rampart/models';
import { float32Tensor, type Model, readModel, writeModel } from '@rampart/onnx';

import type { Engine, SessionState, StartOptions, TrainingSession, View, Views } from '../engine';
import { checkInner, innerViews, keptChanges } from '../inner-attack';
import { checkObjective } from '../objective';
import { type GradientGraph, gradientGraph } from './gradient-graph';
import { openSessionsOn } from './on-device';
import { shardCount, sliceCount } from './shards';
import {
  openSessions,
  Round,
  sharesOf,
  type SharedTraining,
  TrainingPieces,
  type TrainingSessions,
} from './training-pieces';
import { updateRule, type UpdateRule } from './update';

/** What the helpers of a crew are told that they help with; see `openTrainingPieces`. */
export const TRAINING = 'training';

/**
 * Trains any differentiable ONNX file in ONNX Runtime. The rows of a batch are shared among the threads of a crew; the
 * weights are the same bytes for any number of them. On a device one thread has all rows at once.
 */
export const onnxEngine: Engine = {
  name: 'onnx',
  async describe() {
    return 'ONNX Runtime';
  },
  async available() {
    return { ok: true };
  },
  async start(options: StartOptions) {
    const { objective, inner, threads, device } = options;
    const file = readModel(options.model);
    if (inner) checkInner(inner);
    const graph = await gradientGraph(file, { ...options, exact: device !== undefined });
    const { weightDecay } = checkObjective(objective);
    const sessions = device
      ? await openSessionsOn(device, graph, threads)
      : await openSessions({ model: graph.model, inner: graph.inner?.models }, threads);
    return new OnnxSession(file, graph, sessions, { ...options, weightDecay });
  },
};

/** Training at one size of batches. */
interface Shared {
  readonly data: SharedTraining;
  readonly capacity: number;
  readonly work: SharedWork;
  /** Has every shard make its gradient. */
  readonly differentiate: () => Promise<void>;
}

type TrainingOptions = StartOptions & { readonly weightDecay: number };

class OnnxSession implements TrainingSession {
  private steps = 0;
  private readonly rule: UpdateRule;
  private readonly trained: SharedTraining['state'];
  private readonly decay: Float32Array;
  /** The running statistics. */
  private readonly running: Float32Array;
  /** Where weights are perturbed. */
  private readonly perturbed: Float32Array | undefined;
  private averages: readonly [weights: Float32Array, running: Float32Array] | undefined;
  private shared: Shared | undefined;
  /** Of the session that it goes on from: the rows of its largest batch, and what a free attack had changed. */
  private before: { readonly rows: number; readonly changes: Float32Array } = { rows: 0, changes: new Float32Array() };

  constructor(
    private readonly file: Model,
    private readonly graph: GradientGraph,
    private readonly sessions: TrainingSessions,
    private readonly options: TrainingOptions,
  ) {
    const { weights, statistics } = graph;
    const { optimiser, weightDecay, perturbation } = options;
    this.rule = updateRule(optimiser);
    const initial = sharedFloats(weights.size);
    initial.set(weights.initial().data as Float32Array);
    this.trained = [initial, ...Array.from({ length: this.rule.slots }, () => sharedFloats(weights.size))];
    this.decay = sharedFloats(weightDecay > 0 ? weights.size : 0);
    if (weightDecay > 0) this.decay.set((weights.isMatrix().data as Float32Array).map((one) => one * weightDecay));
    this.running = sharedFloats(statistics?.flat.size ?? 0);
    if (statistics) this.running.set(statistics.flat.initial().data as Float32Array);
    this.perturbed = perturbation ? sharedFloats(weights.size) : undefined;
  }

  async step(views: Views, count: number, rate = 1, reach = 1): Promise<number> {
    const given = this.givenViews(views);
    const { data, work, differentiate } = await this.sharedFor(given, count);
    data.views.forEach(({ rows }, index) => {
      const { view } = given[index]!;
      if (view.data) rows.set(view.data);
    });
    data.round.set([Round.Gradients, count, this.steps]);
    data.inner?.reach.fill(reach);
    data.point.set(this.trained[0]);
    await differentiate();
    this.giveChanges(data, views);
    const shares = sharesOf(count, data.gradients.length);
    const loss = shares.reduce((sum, share, shard) => (share === 0 ? sum : sum + share * data.losses[shard]!), 0);
    this.moveStatistics(data, shares);
    if (this.perturbed) {
      this.perturb(data.point, data.gradients, shares);
      data.round[0] = Round.Again;
      await differentiate();
    }
    data.round[0] = Round.Update;
    data.factors.set(this.rule.factorsAt(++this.steps, rate));
    await work.round(data.slices);
    return loss;
  }

  average(share: number): void {
    const now = [this.trained[0], this.running];
    this.averages ??= [this.initial(), Float32Array.from(this.running)];
    this.averages.forEach((average, which) => {
      const values = now[which]!;
      for (let k = 0; k < average.length; k++) average[k]! += share * (values[k]! - average[k]!);
    });
  }

  async model(averaged = false): Promise<Uint8Array> {
    const { weights, statistics } = this.graph;
    const [row, running] = averaged && this.averages ? this.averages : [this.trained[0], this.running];
    const values = weights.read(float32Tensor([weights.size], Float32Array.from(row)));
    const flat = statistics?.flat;
    const moved = flat ? flat.read(float32Tensor([flat.size], Float32Array.from(running))) : [];
    return writeModel(withWeights(this.file, new Map([...values, ...moved])));
  }

  async state(): Promise<SessionState> {
    const { averages, steps, before } = this;
    const changes = this.shared?.data.inner?.changes ?? before.changes;
    const kept = {
      ...this.lasting(),
      ...(averages && { average: averages[0], 'running average': averages[1] }),
      changes,
    };
    const arrays = Object.fromEntries(Object.entries(kept).map(([name, values]) => [name, Float32Array.from(values)]));
    return { steps, rows: Math.max(this.shared?.capacity ?? 0, before.rows), arrays };
  }

  async restore({ steps, rows, arrays }: SessionState): Promise<boolean> {
    const { average, 'running average': runningAverage, changes = new Float32Array() } = arrays;
    const lasting = Object.entries(this.lasting());
    if (!lasting.every(([name, own]) => arrays[name]?.length === own.length)) return false;
    for (const [name, own] of lasting) own.set(arrays[name]!);
    if (average && runningAverage) this.averages = [average.slice(), runningAverage.slice()];
    this.steps = steps;
    this.before = { rows, changes };
    return true;
  }

  async dispose(): Promise<void> {
    await this.shared?.work.close();
    await this.sessions.dispose();
  }

  /** What steps change, by name. */
  private lasting(): Readonly<Record<string, Float32Array>> {
    const [weights, ...slots] = this.trained;
    return { weights, ...Object.fromEntries(slots.map((slot, k) => [`slot ${k}`, slot])), running: this.running };
  }

  private initial(): Float32Array {
    return Float32Array.from(this.graph.weights.initial().data as Float32Array);
  }

  /** Hands out the changes that the inner attack keeps. */
  private giveChanges({ views: shared }: SharedTraining, views: Views): void {
    const kept = this.options.inner && keptChanges(this.options.inner);
    if (kept === undefined) return;
    const { data } = viewNamed(views, kept);
    data.set(shared.find(({ name }) => name === kept)!.rows.subarray(0, data.length));
  }

  /** Lets the batch's statistics, of which every shard has its own, join the running ones. */
  private moveStatistics({ statistics }: SharedTraining, shares: readonly number[]): void {
    if (!statistics) return;
    const { momentum } = this.graph.statistics!;
    for (let k = 0; k < this.running.length; k++) {
      let own = 0;
      shares.forEach((share, shard) => {
        if (share > 0) own += share * statistics.own[shard]![k]!;
      });
      this.running[k] = momentum[k]! * this.running[k]! + (1 - momentum[k]!) * own;
    }
  }

  /** Moves each layer's weights, from where they are, along their gradient. */
  private perturb(point: Float32Array, gradients: readonly Float32Array[], shares: readonly number[]): void {
    const sum = this.perturbed!.fill(0);
    gradients.forEach((gradient, shard) => {
      if (shares[shard] === 0) return;
      for (let k = 0; k < sum.length; k++) sum[k]! += shares[shard]! * gradient[k]!;
    });
    for (const [first, end] of this.graph.weights.spans) {
      const length = norm(sum, first, end);
      if (length === 0) continue;
      const scale = (this.options.perturbation! * norm(point, first, end)) / length;
      for (let k = first; k < end; k++) point[k]! += scale * sum[k]!;
    }
  }

  /** The views of the objective and of the inner attack: those that are given, and those that it makes. */
  private givenViews(views: Views): readonly GivenView[] {
    const { inner } = this.options;
    const { views: inputs, inner: graph } = this.graph;
    const names = new Set([...inputs.keys(), ...(inner ? innerViews(inner) : [])]);
    const shapes = new Map<string, readonly number[]>();
    if (inner) shapes.set(inner.to, viewNamed(views, inner.from).shape);
    if (inner?.keep !== undefined) shapes.set(inner.keep, graph!.answer);
    const given: GivenView[] = [...names].map((name) => {
      const shape = shapes.get(name);
      return { name, input: inputs.get(name), view: shape ? { shape } : viewNamed(views, name) };
    });
    // What the model answers has no view of the caller's, but a shape.
    if (graph) given.push({ name: graph.logits, input: undefined, view: { shape: graph.answer } });
    return given;
  }

  /** What is shared among threads, made for the largest batch so far. */
  private async sharedFor(given: readonly GivenView[], rows: number): Promise<Shared> {
    if (this.shared && this.shared.capacity >= rows) return this.shared;
    // How a batch is split depends on it.
    const count = Math.max(rows, this.before.rows);
    await this.shared?.work.close();
    const { optimiser, threads, crew, device } = this.options;
    const { model, weights, row, gradient, loss, rowElements, batchDependent, statistics } = this.graph;
    // What a device is asked for takes it hardly longer for more rows.
    const shards = batchDependent || device ? 1 : shardCount(count, rowElements, weights.size);
    const helpers = Math.max(shards, sliceCount(weights.size)) - 1;
    // On a device helpers update the weights alone: it may not be opened in two threads.
    const shared = crew !== undefined && helpers > 0 && !device;
    const data: SharedTraining = {
      model: shared ? sharedBytes(writeModel(model)) : new Uint8Array(),
      threads,
      views: given.map(({ name, input, view: { shape } }) => ({
        ...{ name, input, shape },
        rows: sharedFloats(count * sizeOf(shape)),
      })),
      inner: this.sharedInner(given, count, shared),
      ...{ row, gradient, loss, optimiser, state: this.trained, decay: this.decay },
      point: sharedFloats(weights.size),
      statistics: statistics && {
        ...{ running: this.running, output: statistics.output },
        own: Array.from({ length: shards }, () => sharedFloats(statistics.flat.size)),
      },
      gradients: Array.from({ length: shards }, () => sharedFloats(weights.size)),
      losses: new Float64Array(new SharedArrayBuffer(8 * shards)),
      slices: sliceCount(weights.size),
      round: new Int32Array(new SharedArrayBuffer(12)),
      factors: new Float64Array(new SharedArrayBuffer(8 * this.rule.factorsAt(1, 1).length)),
    };
    const pieces = new TrainingPieces(data, this.sessions);
    const own = { piece: (index: number) => pieces.piece(index), close: () => Promise.resolve() };
    const work = new SharedWork(own, { kind: TRAINING, data, helpers }, crew);
    const differentiate = device ? () => pieces.piece(0) : () => work.round(shards);
    this.shared = { data, capacity: count, work, differentiate };
    return this.shared;
  }

  private sharedInner(given: readonly GivenView[], count: number, shared: boolean): SharedTraining['inner'] {
    const { inner: attack, rng } = this.options;
    if (!attack) return undefined;
    const { inner: graph, viewGradient } = this.graph;
    const { view } = given.find(({ name }) => name === attack.from)!;
    const before = this.shared?.data.inner?.changes ?? this.before.changes;
    const changes = sharedFloats(attack.free ? count * sizeOf(view.shape) : 0);
    changes.set(before);
    const bytes = (model: Model) => (shared ? sharedBytes(writeModel(model)) : new Uint8Array());
    return {
      ...{ attack, viewGradient, changes },
      graph: graph && { ...graph, models: { first: bytes(graph.models.first), second: bytes(graph.models.second) } },
      rng: rng!.path,
      reach: new Float64Array(new SharedArrayBuffer(8)),
    };
  }
}

function norm(values: Float32Array, first: number, end: number): number {
  let sum = 0;
  for (let k = first; k < end; k++) sum += values[k]! ** 2;
  return Math.sqrt(sum);
}

interface GivenView {
  readonly name: string;
  readonly input: string | undefined;
  /** Without data where the inner attack makes it. */
  readonly view: Pick<View, 'shape'> & Partial<Pick<View, 'data'>>;
}

function viewNamed(views: Views, name: string): View {
  const view = views[name];
  if (view) return view;
  throw new RampartError({
    code: 'usage',
    message: `The training objective names the view "${name}". Received the views: ${Object.keys(views).join(', ')}.`,
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
