import { RampartError } from '@rampart/core';
import { withWeights } from '@rampart/models';
import { type Model, readModel, Session, type Tensor, writeModel } from '@rampart/onnx';

import type { Engine, StartOptions, TrainingSession, Views } from '../engine';
import { type TrainingGraph, trainingGraph } from './training-graph';

/** Trains any differentiable ONNX file in ONNX Runtime: a step is one run of one graph. */
export const onnxEngine: Engine = {
  name: 'onnx',
  async describe() {
    return 'ONNX Runtime';
  },
  async available() {
    return { ok: true };
  },
  async start({ model, objective, optimiser, threads }: StartOptions) {
    const file = readModel(model);
    const graph = await trainingGraph(file, objective, optimiser);
    const session = await Session.open(graph.model, threads === undefined ? {} : { threads });
    return new OnnxSession(file, graph, session);
  },
};

class OnnxSession implements TrainingSession {
  private steps = 0;
  private readonly state: Map<string, Tensor>;

  constructor(
    private readonly file: Model,
    private readonly graph: TrainingGraph,
    private readonly session: Session,
  ) {
    this.state = new Map(graph.state.map(({ input, initial }) => [input, initial]));
  }

  async step(views: Views, count: number, rate = 1): Promise<number> {
    const { graph } = this;
    const feeds: Record<string, Tensor> = Object.fromEntries(this.state);
    const factors = graph.rule.factorsAt(++this.steps, rate);
    graph.factors.forEach((name, index) => (feeds[name] = float32([], Float32Array.of(factors[index]!))));
    for (const [view, input] of graph.views) {
      const given = views[view];
      if (!given) {
        throw new RampartError({
          code: 'usage',
          message: `The training objective names the view "${view}". Received the views: ${Object.keys(views).join(', ')}.`,
        });
      }
      feeds[input] = float32([count, ...given.shape], given.data);
    }
    const results = await this.session.run(feeds);
    for (const { input, output } of graph.state) this.state.set(input, results[output]!);
    return (results[graph.loss]!.data as Float32Array)[0]!;
  }

  async model(): Promise<Uint8Array> {
    const { weights, state } = this.graph;
    return writeModel(withWeights(this.file, weights.read(this.state.get(state[0].input)!)));
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}

function float32(dims: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}
