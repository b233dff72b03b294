import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { searchConstant } from '../search/constant-search';
import { minimise } from '../search/lbfgs';
import { searchSegment } from '../search/segment';

const params = z.object({
  searches: z.int().positive().default(9).describe('Weights of the loss that are tried, by bisection.'),
  steps: z.int().positive().default(150).describe('Evaluations for each of them.'),
  constant: z.number().positive().default(1e-2).describe('The first weight of the loss beside the squared distance.'),
  finalSearch: z.int().min(0).default(3).describe('Evaluations to move the nearest example nearer yet.'),
});

type Options = z.output<typeof params>;

/**
 * The first attack on neural networks (Szegedy et al. 2014, section 4.1): lowers |d|^2 + c x loss with L-BFGS, inside the
 * bounds, for the least c that gives an example.
 */
export const lbfgs = defineAttack({
  name: 'lbfgs',
  summary: 'Box-constrained L-BFGS on the distance and the cross-entropy, weighed against each other by bisection.',
  source: 'Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow, Fergus 2014, section 4.1',
  version: 1,
  family: 'minimum-norm',
  norms: ['l2'],
  params,
  each: (options) => (instance) => search(instance, options),
});

/** A step that lowers the loss by less than this part of it is the last for a weight. */
const PROGRESS = 1e-5;

async function search(instance: AttackInstance, options: Options): Promise<void> {
  const { original, bounds, box } = instance;
  const square = (box.max - box.min) ** 2;
  await searchConstant(options.constant, options.searches, async (weight) => {
    const evaluate = async (point: Float32Array) => {
      const { loss, margin, factor, gradient } = await crossEntropyAt(instance, point);
      const slope = new Float64Array(point.length);
      let distance = 0;
      for (let k = 0; k < point.length; k++) {
        const moved = point[k]! - original[k]!;
        distance += moved * moved;
        slope[k] = (2 * moved) / square + weight * factor * gradient[k]!;
      }
      return { value: distance / square + weight * loss, gradient: slope, margin };
    };
    const least = await minimise(evaluate, original, bounds, {
      evaluations: options.steps,
      scale: square / 2,
      progress: PROGRESS,
    });
    return least.margin < 0;
  });
  const { best } = instance;
  if (!best.evades || options.finalSearch === 0) return;
  const clean = { point: original, margin: await instance.margin(original) };
  await searchSegment(instance, clean, { point: best.point.slice(), margin: best.margin }, options.finalSearch);
}

/**
 * The cross-entropy of the target. Without a target it is that of whichever other class is likeliest, among this one and
 * the label alone: log(1 + exp(margin)). The label's own, negated, would have no minimum near the boundary: it falls the
 * faster the further a point is beyond.
 */
async function crossEntropyAt(instance: AttackInstance, point: Float32Array) {
  if (instance.targeted) {
    const { loss, margin, gradient } = await instance.gradient(point, 'cross-entropy');
    return { loss, margin, gradient, factor: 1 };
  }
  const { margin, gradient } = await instance.gradient(point, 'margin');
  const loss = Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  return { loss, margin, gradient, factor: 1 / (1 + Math.exp(-margin)) };
}
