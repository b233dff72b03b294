import type { Rng } from '@rampart/core';

/** Adam's usual numbers (Kingma and Ba 2015). */
const BETA1 = 0.9;
const BETA2 = 0.999;
const STABILISER = 1e-8;

export interface TrainOptions {
  readonly epochs: number;
  /** Examples of one step. */
  readonly batch: number;
  readonly learningRate: number;
  /** Shuffles the examples. */
  readonly rng: Rng;
}

/**
 * A classifier of its own for attacks that see only the decisions of another: one hidden layer of rectified units,
 * logits V relu(W x + a) + b, trained on the cross-entropy with Adam.
 */
export class Perceptron {
  private readonly first: Layer;
  private readonly second: Layer;
  private steps = 0;

  constructor(
    readonly inputs: number,
    readonly hidden: number,
    readonly classes: number,
    rng: Rng,
  ) {
    this.first = new Layer(inputs, hidden, Math.sqrt(2 / inputs), rng);
    this.second = new Layer(hidden, classes, Math.sqrt(1 / hidden), rng);
  }

  /** Writes the logits of the input that starts at `offset`. */
  logits(inputs: Float32Array, offset: number, into: Float32Array): void {
    this.forward(inputs, offset, new Float32Array(this.hidden), 0, into, 0);
  }

  /** Writes the gradient of the cross-entropy of a class with respect to the input. Returns its value. */
  inputGradient(input: Float32Array, offset: number, label: number, into: Float32Array): number {
    const pass = new Pass(1, this.hidden, this.classes);
    const loss = this.backward(pass, 0, input, offset, label);
    into.fill(0);
    this.first.transposed(pass.back, 0, into, 0);
    return loss;
  }

  /**
   * Trains on examples, one after the other in `inputs`.
   * @returns the mean loss of the last epoch
   */
  train(inputs: Float32Array, labels: Int32Array, { epochs, batch, learningRate, rng }: TrainOptions): number {
    const { first, second } = this;
    const pass = new Pass(batch, this.hidden, this.classes);
    const offsets = new Int32Array(batch);
    let sum = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = rng.permutation(labels.length);
      sum = 0;
      for (let start = 0; start < order.length; start += batch) {
        const count = Math.min(batch, order.length - start);
        for (let i = 0; i < count; i++) {
          const example = order[start + i]!;
          offsets[i] = example * this.inputs;
          sum += this.backward(pass, i, inputs, offsets[i]!, labels[example]!);
        }
        this.steps++;
        const rate = (learningRate * Math.sqrt(1 - BETA2 ** this.steps)) / (1 - BETA1 ** this.steps);
        first.learn(inputs, offsets, pass.back, count, rate);
        second.learn(pass.activations, pass.offsets, pass.slopes, count, rate);
      }
    }
    return sum / labels.length;
  }

  private forward(
    inputs: Float32Array,
    offset: number,
    activations: Float32Array,
    at: number,
    logits: Float32Array,
    to: number,
  ): void {
    this.first.forward(inputs, offset, activations, at);
    for (let h = at; h < at + this.hidden; h++) if (activations[h]! < 0) activations[h] = 0;
    this.second.forward(activations, at, logits, to);
  }

  /** The cross-entropy, its slopes with respect to the logits, and those with respect to the hidden sums. */
  private backward(pass: Pass, place: number, inputs: Float32Array, offset: number, label: number): number {
    const { classes, hidden } = this;
    const { activations, slopes, back } = pass;
    const at = place * hidden;
    const to = place * classes;
    this.forward(inputs, offset, activations, at, slopes, to);
    const own = slopes[to + label]!;
    let largest = -Infinity;
    for (let j = to; j < to + classes; j++) if (slopes[j]! > largest) largest = slopes[j]!;
    let sum = 0;
    for (let j = to; j < to + classes; j++) sum += slopes[j] = Math.exp(slopes[j]! - largest);
    // The label's own as the sum of the others, so that it does not vanish before they do.
    let others = 0;
    for (let j = 0; j < classes; j++) {
      slopes[to + j] = slopes[to + j]! / sum;
      if (j !== label) others += slopes[to + j]!;
    }
    slopes[to + label] = -others;
    back.fill(0, at, at + hidden);
    this.second.transposed(slopes, to, back, at);
    for (let h = at; h < at + hidden; h++) if (activations[h] === 0) back[h] = 0;
    return largest + Math.log(sum) - own;
  }
}

/** What is kept of the examples of one step. */
class Pass {
  readonly activations: Float32Array;
  readonly back: Float32Array;
  readonly slopes: Float32Array;
  /** Where the activations of each example start. */
  readonly offsets: Int32Array;

  constructor(batch: number, hidden: number, classes: number) {
    this.activations = new Float32Array(batch * hidden);
    this.back = new Float32Array(batch * hidden);
    this.slopes = new Float32Array(batch * classes);
    this.offsets = Int32Array.from({ length: batch }, (_, i) => i * hidden);
  }
}

/** A linear layer: a row of weights an output, its bias last; and Adam's means of the gradients. */
class Layer {
  private readonly weights: Float32Array;
  private readonly mean: Float32Array;
  private readonly square: Float32Array;
  private readonly gradient: Float32Array;

  constructor(
    private readonly inputs: number,
    private readonly outputs: number,
    scale: number,
    rng: Rng,
  ) {
    const size = (inputs + 1) * outputs;
    this.weights = new Float32Array(size);
    for (let k = 0; k < size; k++) if (k % (inputs + 1) !== inputs) this.weights[k] = scale * rng.normal();
    this.mean = new Float32Array(size);
    this.square = new Float32Array(size);
    this.gradient = new Float32Array(inputs + 1);
  }

  /** Four rows at once: twice as fast as one by one. */
  forward(values: Float32Array, offset: number, into: Float32Array, to: number): void {
    const { weights, inputs, outputs } = this;
    const stride = inputs + 1;
    for (let j = 0; j < outputs; j += 4) {
      const row0 = j * stride;
      const row1 = Math.min(j + 1, outputs - 1) * stride;
      const row2 = Math.min(j + 2, outputs - 1) * stride;
      const row3 = Math.min(j + 3, outputs - 1) * stride;
      let sum0 = weights[row0 + inputs]!;
      let sum1 = weights[row1 + inputs]!;
      let sum2 = weights[row2 + inputs]!;
      let sum3 = weights[row3 + inputs]!;
      for (let k = 0; k < inputs; k++) {
        const value = values[offset + k]!;
        sum0 += weights[row0 + k]! * value;
        sum1 += weights[row1 + k]! * value;
        sum2 += weights[row2 + k]! * value;
        sum3 += weights[row3 + k]! * value;
      }
      into[to + j] = sum0;
      if (j + 1 < outputs) into[to + j + 1] = sum1;
      if (j + 2 < outputs) into[to + j + 2] = sum2;
      if (j + 3 < outputs) into[to + j + 3] = sum3;
    }
  }

  /** Adds the transposed weights, without the biases, times slopes. */
  transposed(slopes: Float32Array, from: number, into: Float32Array, to: number): void {
    const { weights, inputs, outputs } = this;
    for (let j = 0; j < outputs; j++) {
      const slope = slopes[from + j]!;
      if (slope === 0) continue;
      const row = j * (inputs + 1);
      for (let k = 0; k < inputs; k++) into[to + k] = into[to + k]! + slope * weights[row + k]!;
    }
  }

  /** Adam's step along the mean gradient of `count` examples, whose slopes lie one after the other. */
  learn(values: Float32Array, offsets: Int32Array, slopes: Float32Array, count: number, rate: number): void {
    const { gradient, inputs, outputs } = this;
    const active = new Int32Array(count);
    for (let j = 0; j < outputs; j++) {
      gradient.fill(0);
      let found = 0;
      for (let i = 0; i < count; i++) if (slopes[i * outputs + j] !== 0) active[found++] = i;
      let done = 0;
      // Four examples at once, for the same reason.
      for (; done + 4 <= found; done += 4) {
        const a = active[done]!;
        const b = active[done + 1]!;
        const c = active[done + 2]!;
        const d = active[done + 3]!;
        const from0 = offsets[a]!;
        const from1 = offsets[b]!;
        const from2 = offsets[c]!;
        const from3 = offsets[d]!;
        const slope0 = slopes[a * outputs + j]!;
        const slope1 = slopes[b * outputs + j]!;
        const slope2 = slopes[c * outputs + j]!;
        const slope3 = slopes[d * outputs + j]!;
        for (let k = 0; k < inputs; k++) {
          gradient[k] =
            gradient[k]! +
            slope0 * values[from0 + k]! +
            slope1 * values[from1 + k]! +
            slope2 * values[from2 + k]! +
            slope3 * values[from3 + k]!;
        }
        gradient[inputs] = gradient[inputs]! + slope0 + slope1 + slope2 + slope3;
      }
      for (; done < found; done++) {
        const from = offsets[active[done]!]!;
        const slope = slopes[active[done]! * outputs + j]!;
        for (let k = 0; k < inputs; k++) gradient[k] = gradient[k]! + slope * values[from + k]!;
        gradient[inputs] = gradient[inputs]! + slope;
      }
      this.step(j * (inputs + 1), count, rate);
    }
  }

  private step(row: number, count: number, rate: number): void {
    const { weights, mean, square, gradient } = this;
    for (let k = 0; k < gradient.length; k++) {
      const slope = gradient[k]! / count;
      const m = BETA1 * mean[row + k]! + (1 - BETA1) * slope;
      const v = BETA2 * square[row + k]! + (1 - BETA2) * slope * slope;
      mean[row + k] = m;
      square[row + k] = v;
      weights[row + k] = weights[row + k]! - (rate * m) / (Math.sqrt(v) + STABILISER);
    }
  }
}
