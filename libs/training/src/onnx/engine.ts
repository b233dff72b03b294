import { type Crew, RampartError, sharedBytes, sharedFloats, SharedWork } from '@rampart/core';
import { withWeights } from '@rampart/models';
import { float32Tensor, type Model, readModel, type Session, writeModel } from '@rampart/onnx';

import type { Engine, StartOptions, TrainingSession, View, Views } from '../engine';
import { checkObjective } from '../objective';
import type { Optimiser } from '../optimiser';
import { type GradientGraph, gradientGraph } from './gradient-graph';
import { shardCount, sliceCount } from './shards';
import { openGradient, Round, sharesOf, type SharedTraining, TrainingPieces } from './training-pieces';
import { updateRule, type UpdateRule } from './update';

/** What the helpers of a crew are told that they help with; see `openTrainingPieces`. */
export const TRAINING = 'training';

/**
 * Trains any differentiable ONNX file in ONNX Runtime. The rows of a batch are shared among the threads of a crew; the
 * weights are the same bytes for any number of them.
 */
export const onnxEngine: Engine = {
  name: 'onnx',
  async describe() {
    return 'ONNX Runtime';
  },
  async available() {
    return { ok: true };
  },
  async start({ model, objective, optimiser, threads, crew }: StartOptions) {
    const file = readModel(model);
    const graph = await gradientGraph(file, objective);
    const { weightDecay } = checkObjective(objective);
    const session = await openGradient(graph.model, threads);
    return new OnnxSession(file, graph, session, { optimiser, weightDecay, threads, crew });
  },
};

/** Training at one size of batches. */
interface Shared {
  readonly data: SharedTraining;
  readonly capacity: number;
  readonly work: SharedWork;
}

interface TrainingOptions {
  readonly optimiser: Optimiser;
  readonly weightDecay: number;
  readonly threads: number | undefined;
  readonly crew: Crew | undefined;
}

class OnnxSession implements TrainingSession {
  private steps = 0;
  private readonly rule: UpdateRule;
  private readonly state: SharedTraining['state'];
  private readonly decay: Float32Array;
  private shared: Shared | undefined;

  constructor(
    private readonly file: Model,
    private readonly graph: GradientGraph,
    private readonly session: Session,
    private readonly options: TrainingOptions,
  ) {
    const { weights } = graph;
    const { optimiser, weightDecay } = options;
    this.rule = updateRule(optimiser);
    const initial = sharedFloats(weights.size);
    initial.set(weights.initial().data as Float32Array);
    this.state = [initial, ...Array.from({ length: this.rule.slots }, () => sharedFloats(weights.size))];
    this.decay = sharedFloats(weightDecay > 0 ? weights.size : 0);
    if (weightDecay > 0) this.decay.set((weights.isMatrix().data as Float32Array).map((one) => one * weightDecay));
  }

  async step(views: Views, count: number, rate = 1): Promise<number> {
    const given = [...this.graph.views].map(([name, input]) => ({ input, view: viewNamed(views, name) }));
    const { data, work } = await this.sharedFor(given, count);
    given.forEach(({ view }, index) => data.views[index]!.rows.set(view.data));
    data.round.set([Round.Gradients, count]);
    await work.round(data.gradients.length);
    data.round[0] = Round.Update;
    data.factors.set(this.rule.factorsAt(++this.steps, rate));
    await work.round(data.slices);
    return sharesOf(count, data.gradients.length).reduce(
      (sum, share, shard) => (share === 0 ? sum : sum + share * data.losses[shard]!),
      0,
    );
  }

  async model(): Promise<Uint8Array> {
    const { weights } = this.graph;
    const row = float32Tensor([weights.size], Float32Array.from(this.state[0]));
    return writeModel(withWeights(this.file, weights.read(row)));
  }

  async dispose(): Promise<void> {
    await this.shared?.work.close();
    await this.session.dispose();
  }

  /** What is shared among threads, made for the largest batch so far. */
  private async sharedFor(given: readonly GivenView[], count: number): Promise<Shared> {
    if (this.shared && this.shared.capacity >= count) return this.shared;
    await this.shared?.work.close();
    const { optimiser, threads, crew } = this.options;
    const { model, weights, row, gradient, loss, rowElements, batchDependent } = this.graph;
    const shards = batchDependent ? 1 : shardCount(count, rowElements, weights.size);
    const helpers = Math.max(shards, sliceCount(weights.size)) - 1;
    const data: SharedTraining = {
      model: crew && helpers > 0 ? sharedBytes(writeModel(model)) : new Uint8Array(),
      threads,
      views: given.map(({ input, view }) => ({ input, shape: view.shape, rows: sharedFloats(count * sizeOf(view)) })),
      ...{ row, gradient, loss, optimiser, state: this.state, decay: this.decay },
      gradients: Array.from({ length: shards }, () => sharedFloats(weights.size)),
      losses: new Float64Array(new SharedArrayBuffer(8 * shards)),
      slices: sliceCount(weights.size),
      round: new Int32Array(new SharedArrayBuffer(8)),
      factors: new Float64Array(new SharedArrayBuffer(8 * this.rule.factorsAt(1, 1).length)),
    };
    const pieces = new TrainingPieces(data, this.session);
    const own = { piece: (index: number) => pieces.piece(index), close: () => Promise.resolve() };
    const work = new SharedWork(own, { kind: TRAINING, data, helpers }, crew);
    this.shared = { data, capacity: count, work };
    return this.shared;
  }
}

interface GivenView {
  readonly input: string;
  readonly view: View;
}

function viewNamed(views: Views, name: string): View {
  const view = views[name];
  if (view) return view;
  throw new RampartError({
    code: 'usage',
    message: `The training objective names the view "${name}". Received the views: ${Object.keys(views).join(', ')}.`,
  });
}

function sizeOf({ shape }: View): number {
  return shape.reduce((product, size) => product * size, 1);
}
