import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { cosine } from '../search/cosine';
import { farthest } from '../search/farthest';
import { inRounds, type Round, roundsParameter, slopeOf, startOf } from '../search/rounds';
import { sparsify } from '../search/sparsify';

const params = z.object({
  steps: z.int().positive().default(1000).describe('Gradient steps of a run.'),
  rounds: roundsParameter(6),
  firstStep: z.number().positive().default(1).describe('Length of a first step, in widths of the pixel box.'),
  lastStep: z.number().positive().default(0.01).describe('Length of a last step; by cosine in between.'),
  firstGamma: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('The part by which the radius grows or shrinks in a first step.'),
  lastGamma: z.number().positive().max(1).default(0.001).describe('The same in a last step; by cosine in between.'),
});

type Options = z.output<typeof params>;

/**
 * The fast minimum-norm attack (Pintor et al. 2021, algorithm 1): gradient steps, each projected into a ball whose radius
 * shrinks where the point evades and grows where it does not. The projection is the exact one into the part of the ball
 * that is inside the box, and the steps are shared out among several rounds.
 */
export const fmn = defineAttack({
  name: 'fmn',
  summary: 'Fast minimum-norm attack: projected gradient steps in a ball that shrinks to the nearest example.',
  source: 'Pintor, Roli, Brendel, Biggio 2021, algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2', 'linf', 'l1', 'l0'],
  params,
  each: (options) => async (instance) => {
    await inRounds(instance, options, (round) => descend(instance, round, options));
    if (instance.norm.name === 'l0') await sparsify(instance);
  },
});

async function descend(instance: AttackInstance, round: Round, options: Options): Promise<void> {
  const { original, norm, box, bounds } = instance;
  const width = box.max - box.min;
  const point = startOf(round, instance);
  const radius = new Radius(norm.name === 'l0', farthest(instance), round.random);
  for (let step = 0; step < round.steps; step++) {
    const { gradient, margin, loss } = await slopeOf(round, instance, point);
    const gamma = cosine(options.firstGamma, options.lastGamma, step, round.steps);
    const distance = norm.distance(point, original);
    radius.update(
      margin < 0,
      distance,
      distance + Math.abs(loss) / Math.max(norm.dual(gradient), Number.MIN_VALUE),
      gamma,
    );
    const length = width * cosine(options.firstStep, options.lastStep, step, round.steps);
    stepAlong(point, gradient, length);
    norm.project(point, original, radius.value, bounds);
  }
  await instance.margin(point);
}

/** The ball's radius. */
class Radius {
  value: number;
  private nearest: number;
  private found: boolean;

  /**
   * @param counts whether it is a number of features
   * @param most the distance of the farthest point
   * @param far whether the search comes from there; it then has all the room until it finds its first example
   */
  constructor(
    private readonly counts: boolean,
    private readonly most: number,
    far: boolean,
  ) {
    this.value = counts && !far ? 1 : most;
    this.found = far;
    this.nearest = most;
  }

  /**
   * Equations 3 and 4 of the paper; in l0 a step changes at least one feature.
   * @param boundary the distance of the boundary's linear approximation
   */
  update(evades: boolean, distance: number, boundary: number, gamma: number): void {
    const { value, counts } = this;
    this.found ||= evades;
    if (evades) {
      this.nearest = Math.min(this.nearest, distance);
      const smaller = value * (1 - gamma);
      this.value = Math.min(counts ? Math.min(value - 1, Math.floor(smaller)) : smaller, this.nearest);
    } else if (counts) {
      this.value = Math.max(value + 1, Math.floor(value * (1 + gamma)));
    } else {
      // Just on the approximation, which may be exact, a point does not evade yet.
      this.value = (this.found ? value : boundary) * (1 + gamma);
    }
    this.value = Math.max(0, Math.min(this.value, this.most));
  }
}

/** Moves a point against a gradient, by a Euclidean length. */
function stepAlong(point: Float32Array, gradient: Float32Array, length: number): void {
  let squares = 0;
  for (let k = 0; k < gradient.length; k++) squares += gradient[k]! * gradient[k]!;
  const scale = squares > 0 ? length / Math.sqrt(squares) : 0;
  for (let k = 0; k < point.length; k++) point[k] = point[k]! - scale * gradient[k]!;
}
