import * as tf from '@tensorflow/tfjs-core';

import { RampartError } from '@rampart/core';
import { type ReadLayersModel, toLayersModel } from '@rampart/models';

import type { Engine, StartOptions, TrainingSession, View, Views } from '../engine';
import { checkObjective, type ObjectiveTerm } from '../objective';
import type { Optimiser } from '../optimiser';
import { nativeProblem, tfjsBackend } from './backend';
import { termLoss } from './loss';

/** What the tfjs engine says that it runs on where TensorFlow's library loads. */
export const NATIVE_TFJS = 'tfjs-node';

/**
 * Trains the tfjs-layers form of a model: on tfjs-node where its native library loads, else on WebAssembly. It takes
 * only files that name their architecture. Layers run in their inference form, as they do in the onnx engine.
 */
export const tfjsEngine: Engine = {
  name: 'tfjs',
  async describe() {
    const backend = await tfjsBackend();
    return backend.kind === 'native' ? NATIVE_TFJS : `tfjs on WebAssembly (${nativeProblem() ?? 'tfjs-node failed'})`;
  },
  async available() {
    try {
      await tfjsBackend();
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: `tfjs has no backend here: ${String(error)}` };
    }
  },
  async start(options) {
    await tfjsBackend();
    const objective = checkObjective(options.objective);
    return new TfjsSession(await toLayersModel(options.model), objective.terms, objective.weightDecay, options);
  },
};

class TfjsSession implements TrainingSession {
  private readonly optimiser: TfjsOptimiser;
  private readonly variables: readonly tf.Variable[];

  constructor(
    private readonly read: ReadLayersModel,
    private readonly terms: readonly Required<ObjectiveTerm>[],
    private readonly weightDecay: number,
    { optimiser }: StartOptions,
  ) {
    for (const { output } of terms) {
      if (read.outputs.includes(output)) continue;
      throw new RampartError({
        code: 'usage',
        message: `The training objective names the output "${output}". The model's outputs: ${read.outputs.join(', ')}.`,
      });
    }
    this.optimiser = tfjsOptimiser(optimiser);
    this.variables = read.model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  }

  async step(views: Views, count: number, rate = 1): Promise<number> {
    const { value, grads } = tf.tidy(() => {
      const tensors = new Map(Object.entries(views).map(([name, view]) => [name, toTensor(view, count)]));
      const result = tf.variableGrads(() => this.loss(tensors), [...this.variables]);
      return { value: result.value, grads: this.decayed(result.grads) };
    });
    this.optimiser.apply(
      Object.entries(grads).map(([name, tensor]) => ({ name, tensor })),
      rate,
    );
    const [loss] = await value.data();
    tf.dispose([value, grads]);
    return loss!;
  }

  async model(): Promise<Uint8Array> {
    return this.read.write();
  }

  async dispose(): Promise<void> {
    this.read.model.dispose();
    this.optimiser.dispose();
  }

  private loss(tensors: ReadonlyMap<string, tf.Tensor>): tf.Scalar {
    const outputs = new Map<string, readonly tf.Tensor[]>();
    const losses = this.terms.map((term) => {
      const values = outputs.get(term.input) ?? this.outputsFor(tensors.get(term.input)!);
      outputs.set(term.input, values);
      const output = values[this.read.outputs.indexOf(term.output)]!;
      return tf.mul(termLoss(term, output, tensors.get(term.target)!), term.weight) as tf.Scalar;
    });
    return losses.reduce((sum, loss) => tf.add(sum, loss));
  }

  private outputsFor(input: tf.Tensor): readonly tf.Tensor[] {
    const result = this.read.model.apply(input, { training: false }) as tf.Tensor | tf.Tensor[];
    return Array.isArray(result) ? result : [result];
  }

  private decayed(gradients: tf.NamedTensorMap): tf.NamedTensorMap {
    if (this.weightDecay === 0) return gradients;
    for (const variable of this.variables) {
      const gradient = gradients[variable.name];
      if (!gradient || variable.rank < 2) continue;
      gradients[variable.name] = tf.add(gradient, tf.mul(variable, this.weightDecay));
    }
    return gradients;
  }
}

interface TfjsOptimiser {
  apply(gradients: { name: string; tensor: tf.Tensor }[], rate: number): void;
  dispose(): void;
}

function tfjsOptimiser(optimiser: Optimiser): TfjsOptimiser {
  const { learningRate } = optimiser;
  if (optimiser.name === 'sgd') {
    const momentum = tf.train.momentum(learningRate, optimiser.momentum);
    return {
      apply(gradients, rate) {
        momentum.setLearningRate(learningRate * rate);
        momentum.applyGradients(gradients);
      },
      dispose: () => momentum.dispose(),
    };
  }
  const adam = tf.train.adam(learningRate, optimiser.beta1, optimiser.beta2, optimiser.epsilon);
  return {
    apply(gradients, rate) {
      // It has no setter, but reads the field at every step.
      (adam as unknown as { learningRate: number }).learningRate = learningRate * rate;
      adam.applyGradients(gradients);
    },
    dispose: () => adam.dispose(),
  };
}

/** A view as tfjs wants it: images with their channels last. */
function toTensor({ data, shape }: View, count: number): tf.Tensor {
  if (shape.length !== 3) return tf.tensor(data, [count, ...shape], 'float32');
  const [channels, height, width] = shape as [number, number, number];
  if (channels === 1) return tf.tensor(data, [count, height, width, 1], 'float32');
  return tf.transpose(tf.tensor(data, [count, channels, height, width], 'float32'), [0, 2, 3, 1]);
}
