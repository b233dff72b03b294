import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { bisect, lineTo, shrinkFrom } from '../search/bisect';
import { evadingStart } from '../search/evading-start';
import { Noise } from '../search/noise';

const params = z.object({
  iterations: z.int().positive().default(64).describe('Steps along the boundary.'),
  initialSamples: z
    .int()
    .positive()
    .default(100)
    .describe('Points that the first direction is estimated from; for the t-th it is as many times the root of t.'),
  maxSamples: z.int().positive().default(10_000).describe('The most points that a direction is estimated from.'),
  gamma: z
    .number()
    .positive()
    .default(1)
    .describe('How exactly the boundary is found: to gamma / d^1.5 of a line in l2 and gamma / d^2 in linf.'),
});

type Options = z.output<typeof params>;

/** Points of one instance that are asked about at once. */
const WIDTH = 64;

/** The radius that the first direction is estimated within, as a part of the width of the box. */
const FIRST_RADIUS = 0.1;

/** Halvings of a step that find nothing after which the search ends. */
const HALVINGS = 30;

/**
 * HopSkipJump (Chen, Jordan, Wainwright 2020, algorithm 2), which knows of a point nothing but whether it evades: from
 * the boundary a step along its normal, estimated by Monte Carlo, then back to the boundary on the way to the original.
 */
export const hopskipjump = defineAttack({
  name: 'hopskipjump',
  summary: 'HopSkipJump: walks along the decision boundary towards the original, by decisions alone.',
  source: 'Chen, Jordan, Wainwright 2020, algorithm 2',
  version: 2,
  family: 'minimum-norm',
  norms: ['l2', 'linf'],
  knowledge: 'labels',
  params,
  width: () => WIDTH,
  each: (options) => (instance) => walk(instance, options),
});

async function walk(instance: AttackInstance, options: Options): Promise<void> {
  const { features, norm, bounds, box } = instance;
  const { lower, upper } = bounds;
  const point = await evadingStart(instance);
  if (!point) return;
  const max = norm.name === 'linf';
  let size = 0;
  for (let k = 0; k < features; k++) if (lower[k]! < upper[k]!) size++;
  const theta = options.gamma / (max ? size ** 2 : size ** 1.5);
  // All the way from the original: nearer parts of the boundary may lie on it.
  const toBoundary = () => {
    const path = max
      ? shrinkFrom(instance, point, theta * Math.min(1, instance.distance(point)))
      : lineTo(instance, point, theta);
    return bisect(instance, path, point);
  };
  await toBoundary();

  const normal = new Normal(instance);
  const direction = new Float32Array(features);
  const candidate = new Float32Array(features);
  for (let iteration = 1; iteration <= options.iterations; iteration++) {
    const distance = instance.distance(point);
    const radius =
      iteration === 1 ? FIRST_RADIUS * (box.max - box.min) : (max ? size : Math.sqrt(size)) * theta * distance;
    const root = Math.sqrt(iteration);
    const samples = Math.min(options.maxSamples, Math.floor(options.initialSamples * root));
    await normal.estimate(point, radius, samples, direction);
    if (max) for (let k = 0; k < features; k++) direction[k] = Math.sign(direction[k]!);

    let step = distance / root;
    let found = false;
    for (let halving = 0; halving < HALVINGS && !found; halving++, step /= 2) {
      for (let k = 0; k < features; k++) {
        const value = point[k]! + step * direction[k]!;
        candidate[k] = value < lower[k]! ? lower[k]! : value > upper[k]! ? upper[k]! : value;
      }
      found = (await instance.margins(candidate))[0]! < 0;
    }
    if (!found) continue;
    point.set(candidate);
    await toBoundary();
  }
}

/** Estimates the direction in which the boundary is left fastest (equation 16, with the baseline of section 3.3). */
class Normal {
  private readonly noise: Noise;
  private readonly points: Float32Array;
  private readonly draw: Float32Array;
  /** Sums of what the points that evade, and all of them, are moved by. */
  private readonly evading: Float64Array;
  private readonly all: Float64Array;

  constructor(private readonly instance: AttackInstance) {
    const { features, rng } = instance;
    this.noise = new Noise(rng);
    this.points = new Float32Array(WIDTH * features);
    this.draw = new Float32Array(features);
    this.evading = new Float64Array(features);
    this.all = new Float64Array(features);
  }

  /** Writes the direction, of Euclidean norm 1; zeros where there is none. */
  async estimate(point: Float32Array, radius: number, samples: number, into: Float32Array): Promise<void> {
    const { evading, all, points } = this;
    const { features } = this.instance;
    evading.fill(0);
    all.fill(0);
    let wins = 0;
    for (let done = 0; done < samples; done += WIDTH) {
      const count = Math.min(WIDTH, samples - done);
      for (let i = 0; i < count; i++) this.place(point, radius, i * features);
      const margins = await this.instance.margins(points.subarray(0, count * features));
      for (let i = 0; i < count; i++) {
        const evades = margins[i]! < 0;
        if (evades) wins++;
        add(points, i * features, point, all);
        if (evades) add(points, i * features, point, evading);
      }
    }
    // Decisions of 1 and -1, less their mean where they differ.
    const share = wins / samples;
    const sign = share === 1 ? 1 : -1;
    let sum = 0;
    for (let k = 0; k < features; k++) {
      const value = share === 0 || share === 1 ? sign * all[k]! : evading[k]! - share * all[k]!;
      into[k] = value;
      sum += value * value;
    }
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let k = 0; k < features; k++) into[k] = scale * into[k]!;
  }

  /** Writes a point at a random place of the sphere around another, as far as the bounds let it. */
  private place(point: Float32Array, radius: number, offset: number): void {
    const { draw, noise, points } = this;
    const { norm, bounds } = this.instance;
    const { lower, upper } = bounds;
    if (norm.name === 'linf') noise.fillUniform(draw);
    else noise.fillNormal(draw);
    let sum = 0;
    for (let k = 0; k < draw.length; k++) sum += draw[k]! * draw[k]!;
    const scale = sum > 0 ? radius / Math.sqrt(sum) : 0;
    for (let k = 0; k < draw.length; k++) {
      const value = point[k]! + scale * draw[k]!;
      points[offset + k] = value < lower[k]! ? lower[k]! : value > upper[k]! ? upper[k]! : value;
    }
  }
}

/** Adds what a point is moved by to sums. */
function add(points: Float32Array, offset: number, from: Float32Array, sums: Float64Array): void {
  for (let k = 0; k < from.length; k++) sums[k] = sums[k]! + points[offset + k]! - from[k]!;
}
