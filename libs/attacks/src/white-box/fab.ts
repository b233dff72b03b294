import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { BoundaryStep } from '../search/boundary-step';
import { type BoundaryPlane, nearestPlaneAt, planeAt } from '../search/nearest-plane';
import { isHopeless } from '../search/outlook';
import { searchSegment } from '../search/segment';

/** How FAB searches; the names are those of the paper. */
export interface FabOptions {
  readonly steps: number;
  readonly alphaMax: number;
  readonly eta: number;
  readonly beta: number;
  readonly finalSearch: number;
  readonly targets: number;
  /** Of these classes, those that have no run. */
  readonly except?: ReadonlySet<number>;
  readonly giveUp?: boolean;
  /** Whether runs begin at a random point. Default: all but the first of the instance. */
  readonly randomStart?: boolean;
}

const params = z.object({
  steps: z.int().positive().default(100).describe('Steps of a run.'),
  alphaMax: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("The most that the step from the original counts for beside the point's own."),
  eta: z.number().min(1).default(1.05).describe('How far beyond the hyperplane a step goes: 1 ends just on it.'),
  beta: z
    .number()
    .positive()
    .max(1)
    .default(0.9)
    .describe('The part of its way from the original that a point that evades keeps.'),
  finalSearch: z.int().min(0).default(3).describe('Evaluations to move the nearest example of a run nearer yet.'),
  targets: z
    .int()
    .min(0)
    .default(9)
    .describe('The likeliest other classes, each with a run of its own; 0: one run, at the nearest of all of them.'),
  giveUp: z
    .boolean()
    .default(false)
    .describe('Whether a run ends early where it is not going to come nearer than others, or within the budget.'),
});

/**
 * The fast adaptive boundary attack (Croce and Hein 2020, algorithm 1): a point walks along the decision boundary,
 * each step to the boundary's linear approximation, drawn back towards the original.
 */
export const fab = defineAttack({
  name: 'fab',
  summary: 'Fast adaptive boundary attack: along the linearised decision boundary, towards the original.',
  source: 'Croce, Hein 2020, "Minimally distorted adversarial examples ...", algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['linf', 'l2', 'l1'],
  params,
  width: ({ targets }) => (targets === 0 ? 9 : 1),
  each: (options) => (instance) => searchFab(instance, options),
});

/**
 * The search of FAB, within a budget too. Where the instance has a target the margin is its one boundary; else each of
 * the likeliest other classes has one, or there is one run at whichever is nearest.
 */
export async function searchFab(instance: AttackInstance, options: FabOptions): Promise<void> {
  const rivals = await instance.rivals();
  if (instance.targeted) return walk(instance, (point) => planeAt(instance, point), options);
  if (options.targets === 0) {
    return walk(instance, (point) => nearestPlaneAt(instance, point, rivals, instance.bounds), options);
  }
  for (const rival of rivals.subarray(0, options.targets)) {
    if (options.except?.has(rival)) continue;
    await walk(instance, (point) => planeAt(instance, point, rival), options);
  }
}

/** The linear approximation of a boundary at a point. */
type Boundary = (point: Float32Array) => Promise<BoundaryPlane>;

/** One run: along a boundary, from the original or from a random point. */
async function walk(instance: AttackInstance, at: Boundary, options: FabOptions): Promise<void> {
  const { original } = instance;
  const point = original.slice();
  const step = new BoundaryStep(instance, options);
  const nearest = { point: new Float32Array(point.length), margin: 0, distance: Infinity };
  // In l1 a run may come ten times nearer late.
  const mayGiveUp = options.giveUp && instance.norm.name !== 'l1';
  let cleanMargin: number | undefined;
  const random = options.randomStart ?? instance.run > 0;
  if (random) startAtRandom(instance, point);

  const note = (margin: number) => {
    const distance = instance.distance(point);
    if (distance >= nearest.distance) return;
    nearest.point.set(point);
    nearest.margin = margin;
    nearest.distance = distance;
  };

  for (let count = 0; count < options.steps; count++) {
    const plane = await at(point);
    if (count === 0 && !random) cleanMargin = plane.margin;
    // Drawn back, and it evades still.
    if (plane.margin < 0) note(plane.margin);
    if (mayGiveUp && isHopeless(nearest.distance, count / options.steps, boundOf(instance))) return;
    // Where nothing leads anywhere, nothing ever will.
    if (!step.move(point, plane)) break;
    // Most points evade, and are not where the next gradient is wanted: it would tell the margin too, but costs far more.
    const margin = await instance.margin(point);
    if (margin >= 0) continue;
    note(margin);
    shorten(point, original, options.beta);
  }
  if (nearest.distance === Infinity || options.finalSearch === 0) return;
  cleanMargin ??= await instance.margin(original);
  await searchSegment(instance, { point: original, margin: cleanMargin }, nearest, options.finalSearch);
}

/** What a run has to come within: nearer than another run has, or within the budget. */
function boundOf({ epsilon, best }: AttackInstance): number {
  return best.evades ? Math.min(best.distance, epsilon) : epsilon;
}

function shorten(point: Float32Array, original: Float32Array, part: number): void {
  for (let k = 0; k < point.length; k++) point[k] = original[k]! + part * (point[k]! - original[k]!);
}

/** Moves a point to a random place, at most half as far away as the nearest example or the budget (section 3.3). */
function startAtRandom(instance: AttackInstance, point: Float32Array): void {
  const { features, original, bounds, norm } = instance;
  const bound = boundOf(instance);
  const radius = (bound === Infinity ? 0.1 * norm.distance(bounds.upper, bounds.lower) : bound) / 2;
  norm.random(instance.rng, point);
  for (let k = 0; k < features; k++) point[k] = original[k]! + radius * point[k]!;
  norm.project(point, original, Infinity, bounds);
}
