import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { searchConstant } from '../search/constant-search';
import { WeighedDescent } from '../search/weighed-descent';

const params = z.object({
  searches: z.int().positive().default(9).describe('For l2: weights of the margin that are tried, by bisection.'),
  steps: z.int().positive().default(1000).describe('Steps of Adam for each of them.'),
  learningRate: z.number().positive().default(0.01).describe('Step size, in the variables of tanh space.'),
  constant: z.number().positive().default(1e-3).describe('The first weight of the margin beside the distance.'),
  kappa: z.number().min(0).default(0).describe('How far below 0 the margin is lowered.'),
  abortEarly: z.boolean().default(true).describe('Whether a descent ends once the loss falls no further.'),
});

type Options = z.output<typeof params>;

/**
 * Carlini and Wagner (2017): lowers distance + c x max(margin, -kappa) with Adam, in variables that keep the features
 * inside their bounds. In l2 it looks for the least c that gives an example; in l-infinity it counts what features move
 * beyond a limit that shrinks; in l0 it takes back the features that matter least.
 */
export const cw = defineAttack({
  name: 'cw',
  summary: 'Carlini and Wagner: the distance and the margin, weighed against each other.',
  source: 'Carlini, Wagner 2017, section VI',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2', 'linf', 'l0'],
  params,
  each: (options) => (instance) => SEARCHES[options.norm as 'l2' | 'linf' | 'l0'](instance, options),
});

const SEARCHES = { l2: weigh, linf: shrinkLimit, l0: takeBack } as const;

/** Section VI-A: the least constant that gives an example. */
async function weigh(instance: AttackInstance, options: Options): Promise<void> {
  const descent = new WeighedDescent(instance, options);
  await searchConstant(options.constant, options.searches, (constant) => {
    descent.start(instance.original);
    return descent.run({ constant });
  });
}

/** By what a constant grows, in l-infinity and l0, and the largest that a first example is looked for with. */
const GROWTH = 10;
const LARGEST = 1e10;

/** By what the limit shrinks, and how near to 1 it may come where it shrank too much. */
const SHRINKAGE = 0.9;
const LEAST_SHRINKAGE = 0.995;

/**
 * Section VI-C: an example that moves no feature beyond a limit, then one within 0.9 of its distance, and so on, each
 * from where the last was found. Where there is none the next limit lies halfway to the last one.
 */
async function shrinkLimit(instance: AttackInstance, options: Options): Promise<void> {
  const { box, original } = instance;
  const descent = new WeighedDescent(instance, options);
  const start = original.slice();
  let tau = 1;
  let limit = 1;
  const attempt = (constant: number) => {
    descent.start(start);
    return descent.run({ constant, tau, limit, first: true });
  };
  let constant = await grow(options.constant, LARGEST, attempt);
  start.set(descent.point);
  for (let shrinkage = SHRINKAGE; constant > 0 && shrinkage < LEAST_SHRINKAGE;) {
    const distance = instance.best.distance / (box.max - box.min);
    tau = shrinkage * distance;
    limit = Math.sqrt(shrinkage) * distance;
    const found = await grow(constant, GROWTH ** 2 * constant, attempt);
    if (found === 0) {
      shrinkage = Math.sqrt(shrinkage);
    } else {
      constant = found;
      start.set(descent.point);
    }
  }
}

/** Tries a constant, and larger ones as long as it gives nothing. Returns the one that did, or 0. */
async function grow(first: number, last: number, attempt: (constant: number) => Promise<boolean>): Promise<number> {
  for (let constant = first; constant <= last; constant *= GROWTH) if (await attempt(constant)) return constant;
  return 0;
}

/** The part of the importance of all features that those which are taken back together may have. */
const UNIMPORTANT = 0.02;

/**
 * Section VI-B: an example, in which the features that matter least are then taken back for good, and so on as long as
 * the others still give an example. What a feature matters by is how much it could lower the margin, |slope| times the
 * room that it has; the paper takes its change, which in the end is as large as the room.
 */
async function takeBack(instance: AttackInstance, options: Options): Promise<void> {
  const { original } = instance;
  const descent = new WeighedDescent(instance, options);
  const { free } = descent;
  const start = original.slice();
  const attempt = (constant: number) => {
    descent.start(start);
    return descent.run({ constant, first: true });
  };
  let constant = await grow(options.constant, LARGEST, attempt);
  while (constant > 0) {
    start.set(descent.point);
    const changes = byImportance(descent, instance);
    const before = constant;
    constant = 0;
    for (let count = unimportant(changes); constant === 0 && count > 0; count >>= 1) {
      changes.forEach(({ feature }, rank) => (free[feature] = Number(rank >= count)));
      constant = await grow(before, GROWTH * before, attempt);
    }
  }
}

interface Change {
  readonly feature: number;
  readonly importance: number;
}

/** The features that have moved, the least important first. */
function byImportance({ point, gradient, free }: WeighedDescent, { original, bounds }: AttackInstance): Change[] {
  const changes: Change[] = [];
  for (let k = 0; k < point.length; k++) {
    const slope = gradient[k]!;
    const room = slope > 0 ? original[k]! - bounds.lower[k]! : bounds.upper[k]! - original[k]!;
    if (point[k] === original[k]) free[k] = 0;
    else changes.push({ feature: k, importance: Math.abs(slope) * room });
  }
  return changes.sort((a, b) => a.importance - b.importance);
}

/** How many changes, the least important first, make up a small part of all, but at least 1. */
function unimportant(changes: readonly Change[]): number {
  const total = changes.reduce((sum, { importance }) => sum + importance, 0);
  let sum = 0;
  const count = changes.findIndex(({ importance }) => (sum += importance) > UNIMPORTANT * total);
  return Math.max(1, count);
}
