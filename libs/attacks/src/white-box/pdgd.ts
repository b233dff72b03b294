import { type AttackInstance, defineAttack } from '@rampart/core';
import type { z } from 'zod';

import { AdamMoments } from '../search/adam-moments';
import { DualWeight, pressure } from '../search/dual-weight';
import { primalDualParameters, rateAt } from '../search/primal-dual';
import { inRounds, type Round, slopeOf, startOf } from '../search/rounds';

const params = primalDualParameters();

/**
 * Primal-dual gradient descent (Matyasko and Chau 2021, section 3): Adam lowers the Lagrangian of distance and evasion,
 * and the weight of evasion rises and falls with whether the point evades.
 */
export const pdgd = defineAttack({
  name: 'pdgd',
  summary: 'Primal-dual gradient descent on the distance, under the constraint to evade.',
  source: 'Matyasko, Chau 2021, section 3',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2'],
  params,
  each: (options) => (instance) => inRounds(instance, options, (round) => descend(instance, round, options)),
});

async function descend(instance: AttackInstance, round: Round, options: z.output<typeof params>): Promise<void> {
  const { original, features, box, norm } = instance;
  const { lower, upper } = instance.bounds;
  const width = box.max - box.min;
  const point = startOf(round, instance);
  const slopes = new Float32Array(features);
  const moments = new AdamMoments(features);
  const dual = new DualWeight(options.ratio, options.dualRate, round.steps);
  for (let step = 0; step < round.steps; step++) {
    const { gradient, margin, loss } = await slopeOf(round, instance, point);
    const distance = norm.distance(point, original);
    const near = distance > 0 ? dual.ofDistance / distance : 0;
    const evade = width * dual.ofConstraint * (margin < 0 ? 0 : pressure(loss));
    for (let k = 0; k < features; k++) slopes[k] = near * (point[k]! - original[k]!) + evade * gradient[k]!;
    moments.direct(slopes);
    const length = width * rateAt(options.learningRate, step, round.steps);
    for (let k = 0; k < features; k++) {
      point[k] = Math.min(upper[k]!, Math.max(lower[k]!, point[k]! - length * slopes[k]!));
    }
    dual.update(margin < 0, step);
  }
  await instance.margin(point);
}
