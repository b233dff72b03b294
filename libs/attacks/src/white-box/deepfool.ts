import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { nearestPlaneAt, planeAt } from '../search/nearest-plane';
import { searchSegment } from '../search/segment';

const params = z.object({
  steps: z.int().positive().default(50).describe('Steps after which an instance is given up.'),
  overshoot: z.number().min(0).default(0.02).describe('How far beyond the boundary to go, as a part of the way there.'),
  candidates: z
    .int()
    .min(2)
    .default(10)
    .describe('The likeliest classes, the own one among them, whose boundaries are looked at.'),
});

/**
 * DeepFool (Moosavi-Dezfooli et al. 2016, algorithm 2): each step goes to the nearest of the linearised boundaries of
 * the likeliest classes, until the point, a little beyond all steps, evades. As in the paper a step knows no bounds; the
 * sum of all steps is clipped. So steps are short where bounds are in the way, and a linear boundary is met at its nearest
 * point all the same.
 */
export const deepfool = defineAttack({
  name: 'deepfool',
  summary: 'DeepFool: to the nearest linearised decision boundary, until the instance evades.',
  source: 'Moosavi-Dezfooli, Fawzi, Frossard 2016, algorithm 2',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2', 'linf'],
  params,
  width: ({ candidates }) => candidates - 1,
  each: (options) => (instance) => search(instance, options),
});

/** Evaluations to take back what was too much of the overshoot. */
const TAKE_BACK = 2;

async function search(
  instance: AttackInstance,
  { steps, overshoot, candidates }: z.output<typeof params>,
): Promise<void> {
  const { features, original, norm, bounds, targeted } = instance;
  const { lower, upper } = bounds;
  const rivals = (await instance.rivals()).subarray(0, candidates - 1);
  const point = original.slice();
  const beyond = original.slice();
  const both = new Float32Array(2 * features);
  const total = new Float32Array(features);
  const direction = new Float32Array(features);
  for (let count = 0; count < steps; count++) {
    const plane = await (targeted ? planeAt(instance, point) : nearestPlaneAt(instance, point, rivals));
    const dual = norm.dual(plane.slope);
    // Where no boundary has a slope there is nowhere to go.
    if (plane.margin < 0 || dual === 0) return;
    norm.steepest(plane.slope, direction);
    const length = plane.value / dual;
    for (let k = 0; k < features; k++) {
      const move = total[k]! + length * direction[k]!;
      const start = original[k]!;
      total[k] = move;
      point[k] = Math.min(Math.max(start + move, lower[k]!), upper[k]!);
      beyond[k] = Math.min(Math.max(start + (1 + overshoot) * move, lower[k]!), upper[k]!);
    }
    both.set(point);
    both.set(beyond, features);
    const margins = await instance.margins(both);
    if (margins[1]! < 0) {
      // Where the point evades by itself, it may do so by rounding only.
      const clean = { point, margin: Math.max(0, margins[0]!) };
      return searchSegment(instance, clean, { point: beyond, margin: margins[1]! }, TAKE_BACK);
    }
  }
}
