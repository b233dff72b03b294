import * as tf from '@tensorflow/tfjs-core';

import { argmax, type DeviceLog, RampartError, softmax } from '@rampart/core';
import { type ReadLayersModel, toLayersModel } from '@rampart/models';

import type { Engine, SessionState, StartOptions, TrainingSession, View, Views } from '../engine';
import { attackRows, changedRows, checkInner, type InnerAttack, keptChanges } from '../inner-attack';
import { checkObjective, type CompleteTerm, isPenalty } from '../objective';
import { nativeProblem, tfjsBackend } from './backend';
import { NATIVE_TFJS } from './engine';
import { type Compared, crossEntropySum, termLoss } from './loss';
import { type TfjsOptimiser, tfjsOptimiser } from './optimiser';

/** What the engine does: a part of its own, so that it alone loads tfjs. */
export const tfjsEngine: Omit<Engine, 'name'> = {
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
    if (options.device) throw noDevice(options.device);
    await tfjsBackend();
    const objective = checkObjective(options.objective);
    if (options.inner) checkInner(options.inner);
    refuse(options, objective.terms);
    return new TfjsSession(await toLayersModel(options.model), objective.terms, objective.weightDecay, options);
  },
};

function noDevice({ device }: DeviceLog): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The training engine "tfjs" computes on the CPU alone. Received the device "${device}". Take the engine "onnx" for it, or leave the device out.`,
  });
}

class TfjsSession implements TrainingSession {
  private readonly optimiser: TfjsOptimiser;
  private readonly variables: readonly tf.Variable[];
  private readonly initial: readonly tf.Tensor[];
  private averages: readonly tf.Tensor[] | undefined;
  private steps = 0;
  /** What a free attack has changed so far. */
  private changes = new Float32Array();

  constructor(
    private readonly read: ReadLayersModel,
    private readonly terms: readonly CompleteTerm[],
    private readonly weightDecay: number,
    private readonly options: StartOptions,
  ) {
    for (const { output } of terms) {
      if (read.outputs.includes(output)) continue;
      throw new RampartError({
        code: 'usage',
        message: `The training objective names the output "${output}". The model's outputs: ${read.outputs.join(', ')}.`,
      });
    }
    this.optimiser = tfjsOptimiser(options.optimiser);
    this.variables = read.model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    this.initial = this.variables.map((variable) => variable.clone());
  }

  async step(views: Views, count: number, rate = 1, reach = 1): Promise<number> {
    const all = await this.withAttacked(views, count, reach);
    const { value, gradients } = this.gradients(all, count, reach);
    let applied = gradients;
    const restore = this.perturb(gradients);
    if (restore) {
      const again = this.gradients(all, count, 0);
      restore();
      applied = again.gradients;
      tf.dispose([again.value, gradients]);
    }
    const decayed = tf.tidy(() => this.decayed({ ...applied }));
    this.optimiser.apply(
      Object.entries(decayed).map(([name, tensor]) => ({ name, tensor })),
      rate,
    );
    this.steps++;
    const [loss] = await value.data();
    tf.dispose([value, applied, decayed]);
    return loss!;
  }

  average(share: number): void {
    this.averages ??= this.initial;
    this.averages = this.averages.map((average, index) =>
      tf.tidy(() => tf.add(average, tf.mul(share, tf.sub(this.variables[index]!, average)))),
    );
  }

  async model(averaged = false): Promise<Uint8Array> {
    if (!averaged || !this.averages) return this.read.write();
    const now = this.variables.map((variable) => variable.clone());
    this.variables.forEach((variable, index) => variable.assign(this.averages![index]!));
    const file = await this.read.write();
    this.variables.forEach((variable, index) => variable.assign(now[index]!));
    tf.dispose(now);
    return file;
  }

  async state(): Promise<SessionState> {
    const arrays: Record<string, Float32Array> = { changes: this.changes.slice() };
    for (const [k, variable] of this.variables.entries()) arrays[`weights ${k}`] = await copyOf(variable);
    for (const [k, average] of (this.averages ?? []).entries()) arrays[`average ${k}`] = await copyOf(average);
    for (const [k, slot] of (await this.optimiser.state()).entries()) arrays[`slot ${k}`] = slot;
    return { steps: this.steps, rows: 0, arrays };
  }

  async restore({ steps, arrays }: SessionState): Promise<boolean> {
    if (!this.variables.every(({ size }, k) => arrays[`weights ${k}`]?.length === size)) return false;
    const named = (kind: string, shapes: readonly number[][]) =>
      shapes.flatMap((shape, k) => {
        const values = arrays[`${kind} ${k}`];
        return values ? [tf.tensor(values, shape, 'float32')] : [];
      });
    const shapes = this.variables.map(({ shape }) => shape);
    const weights = named('weights', shapes);
    weights.forEach((values, k) => this.variables[k]!.assign(values));
    tf.dispose(weights);
    const averages = named('average', shapes);
    if (averages.length > 0) this.averages = averages;
    await this.optimiser.restore(steps, named('slot', [...shapes, ...shapes, [2]]));
    this.changes = arrays['changes']!.slice();
    this.steps = steps;
    return true;
  }

  async dispose(): Promise<void> {
    tf.dispose([...this.initial]);
    if (this.averages) tf.dispose([...this.averages]);
    this.read.model.dispose();
    this.optimiser.dispose();
  }

  /** The objective's value and its gradients; a free attack's changes follow theirs by epsilon times `reach`. */
  private gradients(views: Views, count: number, reach: number) {
    const { inner } = this.options;
    return tf.tidy(() => {
      const tensors = new Map(Object.entries(views).map(([name, view]) => [name, toTensor(view, count)]));
      if (!inner?.free) {
        const { value, grads } = tf.variableGrads(() => this.loss(tensors), [...this.variables]);
        return { value, gradients: grads };
      }
      const example = tf.variable(tensors.get(inner.to)!);
      const { value, grads } = tf.variableGrads(
        () => this.loss(new Map([...tensors, [inner.to, example as tf.Tensor]])),
        [...this.variables, example],
      );
      const { [example.name]: gradient, ...gradients } = grads;
      if (reach > 0) this.moveFreely(fromTensor(gradient!), this.epsilons(inner, views, count, reach));
      example.dispose();
      return { value, gradients };
    });
  }

  private moveFreely(gradient: Float32Array, epsilons: readonly number[]): void {
    const size = gradient.length / epsilons.length;
    gradient.forEach((slope, k) => {
      const epsilon = epsilons[Math.floor(k / size)]!;
      this.changes[k] = Math.min(Math.max(this.changes[k]! + epsilon * Math.sign(slope), -epsilon), epsilon);
    });
  }

  /** How far each row may go. */
  private epsilons({ epsilon, reach: view }: InnerAttack, views: Views, count: number, reach: number): number[] {
    const rows = view === undefined ? undefined : views[view]!.data;
    return Array.from({ length: count }, (_, i) => epsilon * reach * (rows?.[i] ?? 1));
  }

  /** Moves the weights of each layer along its gradient; returns what moves them back, undefined where nothing moved. */
  private perturb(gradients: tf.NamedTensorMap): (() => void) | undefined {
    const { perturbation } = this.options;
    if (!perturbation) return undefined;
    const before = this.variables.map((variable) => variable.clone());
    for (const variable of this.variables) {
      const moved = tf.tidy(() => {
        const gradient = gradients[variable.name]!;
        const length = tf.maximum(tf.norm(gradient), 1e-38);
        return tf.add(variable, tf.mul(gradient, tf.div(tf.mul(perturbation, tf.norm(variable)), length)));
      });
      variable.assign(moved);
      moved.dispose();
    }
    return () => {
      this.variables.forEach((variable, index) => variable.assign(before[index]!));
      tf.dispose(before);
    };
  }

  /** The views with those that the inner attack makes. */
  private async withAttacked(views: Views, count: number, reach: number): Promise<Views> {
    const { inner, rng } = this.options;
    if (!inner) return views;
    const { data, shape } = views[inner.from]!;
    const originals = Float32Array.from(data);
    if (inner.free) {
      if (this.changes.length < data.length) this.changes = grown(this.changes, data.length);
      const made = changedRows(inner, originals, this.changes, count);
      return { ...views, [inner.to]: { data: made, shape } };
    }
    const answers = tf.tidy(() => this.outputFor(inner.output, toTensor({ data: originals, shape }, count)).dataSync());
    const classes = answers.length / count;
    const own = Float32Array.from(softmax(answers as Float32Array, classes));
    const aims = this.aims(inner, views, own, classes);
    const reached = inner.reach === undefined ? undefined : views[inner.reach]!.data;
    const kept = keptChanges(inner);
    const made = await attackRows(inner, {
      ...{ originals, count, changes: kept === undefined ? undefined : views[kept]!.data },
      reach: Array.from({ length: count }, (_, i) => (reached?.[i] ?? 1) * reach),
      rng: rng!.split(this.steps).split(0),
      gradient: async (points) =>
        tf.tidy(() => {
          const aim = tf.tensor(aims, [count, classes], 'float32');
          const raised = (x: tf.Tensor) => crossEntropySum(this.outputFor(inner.output, x), aim);
          return fromTensor(tf.grad(raised)(toTensor({ data: points, shape }, count)));
        }),
    });
    return {
      ...views,
      [inner.to]: { data: made, shape },
      ...(inner.keep !== undefined && { [inner.keep]: { data: own, shape: [classes] } }),
    };
  }

  private aims({ against }: InnerAttack, views: Views, own: Float32Array, classes: number): Float32Array {
    if (typeof against !== 'string') return views[against.view]!.data;
    if (against === 'own') return own;
    const rows = new Float32Array(own.length);
    for (let at = 0; at < own.length; at += classes) rows[at + argmax(own, at, classes)] = 1;
    return rows;
  }

  private loss(tensors: ReadonlyMap<string, tf.Tensor>): tf.Scalar {
    const outputs = new Map<string, readonly tf.Tensor[]>();
    const answer = (output: string, view: string): tf.Tensor => {
      const values = outputs.get(view) ?? this.outputsFor(tensors.get(view)!);
      outputs.set(view, values);
      return values[this.read.outputs.indexOf(output)]!;
    };
    const losses = this.terms.map((term) => {
      const { output, target, doubt } = term;
      const compared: Compared = {
        output: answer(output, term.input),
        target: typeof target === 'object' ? { logits: answer(output, target.answerTo) } : tensors.get(target!)!,
        ...(doubt && { doubt: { logits: answer(output, doubt.answerTo), labels: tensors.get(doubt.labels)! } }),
      };
      return tf.mul(termLoss(term, compared), term.weight) as tf.Scalar;
    });
    return losses.reduce((sum, loss) => tf.add(sum, loss));
  }

  private outputFor(output: string, input: tf.Tensor): tf.Tensor {
    return this.outputsFor(input)[this.read.outputs.indexOf(output)]!;
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

/** @throws RampartError `bad-model` for what only the onnx engine does */
function refuse({ frozen, batchStatistics }: StartOptions, terms: readonly CompleteTerm[]): void {
  const penalty = terms.find(isPenalty);
  const reason = penalty
    ? `differentiates no gradient, which the term "${penalty.loss}" of the objective asks for`
    : frozen && frozen.length > 0
      ? 'freezes no layers'
      : batchStatistics
        ? 'has no statistics of batches'
        : undefined;
  if (reason === undefined) return;
  throw new RampartError({ code: 'bad-model', message: `Training engine "tfjs" ${reason}. Use the engine "onnx".` });
}

async function copyOf(tensor: tf.Tensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data());
}

function grown(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(length);
  larger.set(values);
  return larger;
}

/** Values of images with their channels last, as a view has them. */
function fromTensor(tensor: tf.Tensor): Float32Array {
  if (tensor.rank !== 4 || tensor.shape[3] === 1) return tensor.dataSync() as Float32Array;
  return tf.transpose(tensor, [0, 3, 1, 2]).dataSync() as Float32Array;
}

/** A view as tfjs wants it: images with their channels last. */
function toTensor({ data, shape }: View, count: number): tf.Tensor {
  if (shape.length !== 3) return tf.tensor(data, [count, ...shape], 'float32');
  const [channels, height, width] = shape as [number, number, number];
  if (channels === 1) return tf.tensor(data, [count, height, width, 1], 'float32');
  return tf.transpose(tf.tensor(data, [count, channels, height, width], 'float32'), [0, 2, 3, 1]);
}
