import {
  argmax,
  type AttackProblem,
  defineAttack,
  type FamilyParams,
  NORMS,
  type Rng,
  type SearchResult,
} from '@rampart/core';
import { z } from 'zod';

import { type DrawnOrder, drawnOrder } from '../search/drawn-order';
import { inWindows } from '../search/in-windows';
import { Perceptron } from '../search/perceptron';

/** Rounds after which the augmentation steps the other way (Papernot et al. 2016, "periodical step size"). */
const PERIOD = 3;

const params = z.object({
  attack: z
    .enum(['pgd', 'fgs'])
    .default('pgd')
    .describe('What is run on the substitute: projected gradient descent with momentum, or one step of its sign.'),
  steps: z.int().positive().default(40).describe('Steps of pgd, each of length 2.5 epsilon / steps.'),
  momentum: z.number().nonnegative().default(1).describe('Weight of the gradients before in those steps.'),
  rounds: z.int().nonnegative().default(6).describe('Rounds of augmentation.'),
  lambda: z
    .number()
    .positive()
    .default(0.1)
    .describe('Change of every feature in an augmentation, as a part of the width of the box.'),
  reservoir: z
    .int()
    .positive()
    .default(200)
    .describe('Instances that the training set starts with, and what a round adds to it, at the most.'),
  hidden: z.int().positive().default(100).describe('Hidden units of the substitute.'),
  epochs: z.int().positive().default(10).describe('Epochs that it is trained for in every round.'),
  learningRate: z.number().positive().default(1e-3).describe("Adam's step size in training."),
});

type Options = z.output<typeof params> & FamilyParams;

/**
 * A model of the model (Papernot et al. 2017, algorithm 1): a small network is trained on the classes that the model
 * gives to the instances, and to points that the Jacobian of the network leads to; what evades the network is tried on
 * the model. Of the model it uses nothing but the class that it predicts.
 */
export const substitute = defineAttack({
  name: 'substitute',
  summary: "Trains a network of its own on the model's decisions and replays what evades that.",
  source:
    'Papernot, McDaniel, Goodfellow, Jha, Celik, Swami 2017, algorithm 1; Papernot, McDaniel, Goodfellow 2016 (reservoir)',
  version: 1,
  family: 'budget',
  scope: 'set',
  norms: ['linf', 'l2'],
  knowledge: 'labels',
  params,
  together: (options) => (problem) => new SubstituteSearch(problem, options).run(),
});

class SubstituteSearch {
  private readonly order: DrawnOrder;
  /** The class that the model gives to each instance, and to each example of the training set. */
  private readonly predicted: Int32Array;
  private readonly labels: Int32Array;
  /** The training set, scaled from the box to [0, 1], and whose instance each comes from. */
  private readonly inputs: Float32Array;
  private readonly owners: Int32Array;
  private size = 0;

  constructor(
    private readonly problem: AttackProblem,
    private readonly options: Options,
  ) {
    const { count, features } = problem;
    const most = Math.min(count, options.reservoir) + options.rounds * options.reservoir;
    this.order = drawnOrder(problem);
    this.predicted = new Int32Array(count);
    this.labels = new Int32Array(most);
    this.inputs = new Float32Array(most * features);
    this.owners = new Int32Array(most);
  }

  async run(): Promise<SearchResult> {
    const { problem, options, predicted } = this;
    const { count, features, window, originals } = problem;
    const all = Int32Array.from({ length: count }, (_, i) => i);
    const goals = new Int32Array(count);
    await inWindows(window, originals, all, async (points, instances, first) => {
      const logits = await problem.logits(points, instances);
      for (let row = 0; row < instances.length; row++) {
        predicted[first + row] = argmax(logits, row * problem.classes, problem.classes);
        if (problem.targeted) goals[first + row] = problem.rivals(first + row, logits, row * problem.classes)[0]!;
      }
    });
    const network = await this.learn();
    const points = originals.slice();
    const open = all.filter((i) => !problem.decided(i));
    for (const i of open) this.attack(network, i, goals[i]!, points.subarray(i * features, (i + 1) * features));
    await inWindows(window, points, all, async (batch, instances) => {
      await problem.margins(batch, instances);
    });
    for (let i = 0; i < count; i++) points.set(problem.best(i).point, i * features);
    return { candidates: points, iterations: new Int32Array(count).fill(options.steps) };
  }

  /** Trains the substitute, and augments what it is trained on. */
  private async learn(): Promise<Perceptron> {
    const { options, problem, order, predicted } = this;
    const { features, classes } = problem;
    for (const instance of order.instances.subarray(0, options.reservoir)) {
      this.labels[this.size] = predicted[instance]!;
      this.add(problem.originals.subarray(instance * features, (instance + 1) * features), instance);
    }
    const network = new Perceptron(features, options.hidden, classes, order.rng);
    const training = { epochs: options.epochs, batch: 32, learningRate: options.learningRate, rng: order.rng };
    for (let round = 0; ; round++) {
      network.train(this.inputs.subarray(0, this.size * features), this.labels.subarray(0, this.size), training);
      if (round === options.rounds) return network;
      await this.augment(network, Math.floor(round / PERIOD) % 2 === 0 ? options.lambda : -options.lambda);
    }
  }

  /** Adds x + lambda sign(dF_y / dx) for the examples of a reservoir, F_y the probability of the class that x has. */
  private async augment(network: Perceptron, lambda: number): Promise<void> {
    const { problem, inputs, owners, labels, size, options, order } = this;
    const { features, classes, window } = problem;
    const gradient = new Float32Array(features);
    const chosen = reservoir(size, options.reservoir, order.rng);
    for (let first = 0; first < chosen.length; first += window) {
      const sources = chosen.subarray(first, first + window);
      const points = new Float32Array(sources.length * features);
      const instances = Int32Array.from(sources, (source) => owners[source]!);
      sources.forEach((source, row) => {
        network.inputGradient(inputs, source * features, labels[source]!, gradient);
        const point = points.subarray(row * features, (row + 1) * features);
        // The probability rises where the cross-entropy falls.
        for (let k = 0; k < features; k++) point[k] = inputs[source * features + k]! - lambda * Math.sign(gradient[k]!);
        this.unscale(point, instances[row]!);
      });
      const logits = await problem.logits(points, instances);
      instances.forEach((instance, row) => {
        labels[this.size] = argmax(logits, row * classes, classes);
        this.add(points.subarray(row * features, (row + 1) * features), instance);
      });
    }
  }

  /** Runs an attack on the substitute from an instance, in place. */
  private attack(network: Perceptron, instance: number, target: number, point: Float32Array): void {
    const { problem, options, predicted } = this;
    const { features, originals, targeted } = problem;
    const steps = options.attack === 'fgs' ? 1 : options.steps;
    const length = options.attack === 'fgs' ? options.epsilon : (2.5 * options.epsilon) / options.steps;
    const norm = NORMS[options.norm];
    const bounds = problem.bounds(instance);
    const original = originals.subarray(instance * features, (instance + 1) * features);
    const scaled = new Float32Array(features);
    const gradient = new Float32Array(features);
    const gathered = new Float32Array(features);
    for (let step = 0; step < steps; step++) {
      this.scale(point, scaled);
      network.inputGradient(scaled, 0, targeted ? target : predicted[instance]!, gradient);
      let sum = 0;
      for (let k = 0; k < features; k++) sum += Math.abs(gradient[k]!);
      if (sum === 0) return;
      const weight = (targeted ? 1 : -1) / sum;
      for (let k = 0; k < features; k++) gathered[k] = options.momentum * gathered[k]! + weight * gradient[k]!;
      norm.steepest(gathered, gradient);
      for (let k = 0; k < features; k++) point[k] = point[k]! + length * gradient[k]!;
      norm.project(point, original, options.epsilon, bounds);
    }
  }

  /** Takes a point into the training set; its label is there already. */
  private add(point: Float32Array, instance: number): void {
    const { features } = this.problem;
    this.owners[this.size] = instance;
    this.scale(point, this.inputs.subarray(this.size * features, (this.size + 1) * features));
    this.size++;
  }

  private scale(point: Float32Array, into: Float32Array): void {
    const { min, max } = this.problem.box;
    for (let k = 0; k < point.length; k++) into[k] = (point[k]! - min) / (max - min);
  }

  /** From [0, 1] to the box, and into the instance's bounds; in place. */
  private unscale(point: Float32Array, instance: number): void {
    const { box, bounds } = this.problem;
    const { lower, upper } = bounds(instance);
    for (let k = 0; k < point.length; k++) {
      const value = box.min + (box.max - box.min) * point[k]!;
      point[k] = value < lower[k]! ? lower[k]! : value > upper[k]! ? upper[k]! : value;
    }
  }
}

/** At most `size` of 0 .. count-1, each with the same chance (Vitter's algorithm R). */
function reservoir(count: number, size: number, rng: Rng): Int32Array {
  const chosen = Int32Array.from({ length: Math.min(count, size) }, (_, i) => i);
  for (let i = size; i < count; i++) {
    const place = rng.integer(i + 1);
    if (place < size) chosen[place] = i;
  }
  return chosen;
}
