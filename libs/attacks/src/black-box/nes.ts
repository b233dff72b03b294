import { type AttackInstance, defineAttack, type FamilyParams } from '@rampart/core';
import { z } from 'zod';

import { Noise } from '../search/noise';

const params = z.object({
  steps: z.int().positive().default(100).describe('Steps, each along one estimated gradient.'),
  pairs: z
    .int()
    .positive()
    .default(50)
    .describe('Directions that a gradient is estimated from; the point on either side is asked about.'),
  sigma: z
    .number()
    .positive()
    .default(0.001)
    .describe('Standard deviation of the directions, as a part of the width of the box.'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Part of the gradients before in the one that is followed.'),
  rate: z.number().positive().optional().describe('Length of the first steps. Default: epsilon / 10.'),
});

/** Steps without progress after which the rate is halved, and the least part of the first rate that it falls to. */
const PLATEAU = 5;
const LEAST_RATE = 1 / 200;

/**
 * Projected gradient descent with gradients from natural evolution strategies (Ilyas et al. 2018, section 2 and
 * algorithm 1): the margin's difference between antithetic pairs of points, summed over normal directions. What the
 * bounds leave of a direction is what its difference counts for.
 */
export const nes = defineAttack({
  name: 'nes',
  summary: 'Projected descent along gradients that natural evolution strategies estimate from scores.',
  source: 'Ilyas, Engstrom, Athalye, Lin 2018, section 2 and algorithm 1',
  version: 1,
  family: 'budget',
  norms: ['linf', 'l2'],
  knowledge: 'scores',
  params,
  width: ({ pairs }) => 2 * pairs,
  each: (options) => (instance) => descend(instance, options),
});

async function descend(instance: AttackInstance, options: z.output<typeof params> & FamilyParams): Promise<void> {
  const { original, features, norm, epsilon } = instance;
  const { steps, momentum } = options;
  let rate = options.rate ?? epsilon / 10;
  const least = LEAST_RATE * rate;
  const estimate = new Estimate(instance, options);
  const point = original.slice();
  const followed = new Float32Array(features);
  const direction = new Float32Array(features);
  let since = 0;
  let reference = Infinity;
  for (let step = 0; step < steps; step++) {
    const { mean, gradient } = await estimate.at(point);
    // Ilyas et al. compare the last of some steps with the first of them.
    if (since === 0) reference = mean;
    if (++since === PLATEAU) {
      if (mean > reference) rate = Math.max(least, rate / 2);
      since = 0;
    }
    for (let k = 0; k < features; k++) followed[k] = momentum * followed[k]! + (1 - momentum) * gradient[k]!;
    norm.steepest(followed, direction);
    for (let k = 0; k < features; k++) point[k] = point[k]! + rate * direction[k]!;
    instance.project(point);
  }
  await instance.margins(point);
}

/** Estimates gradients of the margin. */
class Estimate {
  private readonly noise: Noise;
  private readonly points: Float32Array;
  private readonly direction: Float32Array;
  private readonly gradient: Float32Array;
  private readonly spreads: Float64Array;
  private readonly sigma: number;

  constructor(
    private readonly instance: AttackInstance,
    private readonly options: z.output<typeof params>,
  ) {
    const { features, box, rng } = instance;
    this.noise = new Noise(rng);
    this.points = new Float32Array(2 * options.pairs * features);
    this.direction = new Float32Array(features);
    this.gradient = new Float32Array(features);
    this.spreads = new Float64Array(features);
    this.sigma = options.sigma * (box.max - box.min);
  }

  /** The margin's mean around a point, and its gradient there, which the next call writes over. */
  async at(point: Float32Array): Promise<{ readonly mean: number; readonly gradient: Float32Array }> {
    const { noise, points, direction, gradient, spreads, sigma } = this;
    const { pairs } = this.options;
    const { features, bounds } = this.instance;
    const { lower, upper } = bounds;
    for (let pair = 0, i = 0; pair < pairs; pair++, i += 2 * features) {
      noise.fillNormal(direction);
      for (let k = 0; k < features; k++) {
        const low = lower[k]!;
        const high = upper[k]!;
        const value = point[k]!;
        const move = sigma * direction[k]!;
        const one = value + move;
        const other = value - move;
        points[i + k] = one < low ? low : one > high ? high : one;
        points[i + features + k] = other < low ? low : other > high ? high : other;
      }
    }
    const margins = await this.instance.margins(points);

    gradient.fill(0);
    spreads.fill(0);
    let mean = 0;
    for (let pair = 0, i = 0; pair < pairs; pair++, i += 2 * features) {
      const difference = margins[2 * pair]! - margins[2 * pair + 1]!;
      mean += (margins[2 * pair]! + margins[2 * pair + 1]!) / (2 * pairs);
      for (let k = 0; k < features; k++) {
        const apart = points[i + k]! - points[i + features + k]!;
        gradient[k] = gradient[k]! + difference * apart;
        spreads[k] = spreads[k]! + apart * apart;
      }
    }
    for (let k = 0; k < features; k++) gradient[k] = spreads[k]! > 0 ? gradient[k]! / spreads[k]! : 0;
    return { mean, gradient };
  }
}
