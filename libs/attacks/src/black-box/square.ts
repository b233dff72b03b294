import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { searchStripes } from '../search/square-stripes';
import { searchTiles } from '../search/square-tiles';

const params = z.object({
  queries: z.int().positive().default(5000).describe('Points that are asked about.'),
  p: z
    .number()
    .positive()
    .max(1)
    .default(0.8)
    .describe('The part of the image that the first window covers; halved nine times on the way.'),
  giveUp: z.boolean().default(false).describe('Whether a search ends early that is not going to get there.'),
});

/**
 * The Square attack (Andriushchenko et al. 2020): a random search over square windows of the image, which asks for
 * nothing but margins. In l1 it is that of AutoAttack (Croce and Hein 2021, "Mind the box", section 4.3).
 */
export const square = defineAttack({
  name: 'square',
  summary: 'Square attack: random search over square windows, by scores alone.',
  source: 'Andriushchenko, Croce, Flammarion, Hein 2020; in l1 Croce, Hein 2021, section 4.3',
  version: 1,
  family: 'budget',
  norms: ['linf', 'l2', 'l1'],
  knowledge: 'scores',
  params,
  each: (options) => (instance) => searchSquare(instance, options),
});

/** The Square attack on one instance, in the norm of its threat. */
export function searchSquare(
  instance: AttackInstance,
  { queries = 5000, p = 0.8, giveUp = false }: Partial<z.output<typeof params>>,
): Promise<void> {
  const search = instance.norm.name === 'linf' ? searchStripes : searchTiles;
  return search(instance, { queries, part: p, giveUp });
}
