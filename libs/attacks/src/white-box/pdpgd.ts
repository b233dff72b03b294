import { type AttackInstance, defineAttack } from '@rampart/core';
import type { z } from 'zod';

import { AdamMoments } from '../search/adam-moments';
import { DualWeight, pressure } from '../search/dual-weight';
import { primalDualParameters, rateAt } from '../search/primal-dual';
import { proximal } from '../search/proximal';
import { inRounds, type Round, slopeOf, startOf } from '../search/rounds';
import { sparsify } from '../search/sparsify';

const params = primalDualParameters();

/**
 * Primal-dual proximal gradient descent (Matyasko and Chau 2021, algorithm 1): Adam's step towards evasion, then the
 * proximal operator of the norm in Adam's metric; the weights of both rise and fall with whether the point evades.
 */
export const pdpgd = defineAttack({
  name: 'pdpgd',
  summary: 'Primal-dual proximal gradient descent: steps towards evasion, and of the norm back to the original.',
  source: 'Matyasko, Chau 2021, algorithm 1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2', 'linf', 'l1', 'l0'],
  params,
  each: (options) => async (instance) => {
    await inRounds(instance, options, (round) => descend(instance, round, options));
    if (instance.norm.name === 'l0') await sparsify(instance);
  },
});

async function descend(instance: AttackInstance, round: Round, options: z.output<typeof params>): Promise<void> {
  const { original, features, box, norm } = instance;
  const { lower, upper } = instance.bounds;
  const width = box.max - box.min;
  const point = startOf(round, instance);
  const slopes = new Float32Array(features);
  const curvatures = new Float32Array(features);
  const moments = new AdamMoments(features);
  const dual = new DualWeight(options.ratio, options.dualRate, round.steps);
  for (let step = 0; step < round.steps; step++) {
    const { gradient, margin, loss } = await slopeOf(round, instance, point);
    // Of a start that evades Adam would learn nothing, and the norm take all of it back at once.
    const evade = width * (step === 0 ? 1 : margin < 0 ? 0 : pressure(loss));
    for (let k = 0; k < features; k++) slopes[k] = evade * gradient[k]!;
    moments.direct(slopes);
    const rate = rateAt(options.learningRate, step, round.steps);
    const { scales } = moments;
    for (let k = 0; k < features; k++) {
      const moved = Math.min(upper[k]!, Math.max(lower[k]!, point[k]! - width * rate * slopes[k]!));
      slopes[k] = (moved - original[k]!) / width;
      curvatures[k] = 1 / (rate * scales[k]!);
    }
    proximal(norm.name, slopes, curvatures, dual.ofDistance / dual.ofConstraint);
    for (let k = 0; k < features; k++) {
      // Nothing but rounding can bring what was shrunk out of the bounds.
      point[k] = Math.min(upper[k]!, Math.max(lower[k]!, original[k]! + width * slopes[k]!));
    }
    dual.update(margin < 0, step);
  }
  await instance.margin(point);
}
