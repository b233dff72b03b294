import { type AttackInstance, defineAttack } from '@rampart/core';
import { z } from 'zod';

import { bisect, lineTo } from '../search/bisect';
import { evadingStart } from '../search/evading-start';
import { Noise } from '../search/noise';
import { RecentRate } from '../search/recent-rate';

const params = z.object({
  steps: z.int().positive().default(25_000).describe('Steps; each asks about one point, every tenth about two.'),
  sphericalStep: z
    .number()
    .positive()
    .default(0.01)
    .describe('First length of a step on the sphere around the original, as a part of its radius.'),
  sourceStep: z
    .number()
    .positive()
    .default(0.01)
    .describe('First length of a step towards the original, as a part of the distance from it.'),
});

/** What both lengths are multiplied with or divided by. */
const ADAPTATION = 1.5;

/** Steps after which a success is noted, and notes that an adaptation needs. */
const EVERY = 10;
const SPHERICAL_NOTES = 100;
const SOURCE_NOTES = 30;

/** A step towards the original that is shorter than this leads nowhere any more. */
const CONVERGED = 1e-7;

/** How exactly the first point on the boundary is found. */
const RESOLUTION = 1e-3;

/**
 * The boundary attack (Brendel, Rauber, Bethge 2018, algorithm 1 and figure 2), which knows of a point nothing but
 * whether it evades: a random walk that stays on the evading side, at random along the sphere around the original and a
 * little towards it. Both lengths follow the part of such steps that still evade, so that half of those on the sphere
 * do; as Foolbox does, they are noted at every tenth step.
 */
export const boundary = defineAttack({
  name: 'boundary',
  summary: 'Boundary attack: a random walk along the decision boundary, by decisions alone.',
  source: 'Brendel, Rauber, Bethge 2018, algorithm 1',
  version: 2,
  family: 'minimum-norm',
  norms: ['l2'],
  knowledge: 'labels',
  params,
  width: () => 2,
  each: (options) => (instance) => walk(instance, options),
});

async function walk(instance: AttackInstance, { steps, ...options }: z.output<typeof params>): Promise<void> {
  const { features } = instance;
  const point = await evadingStart(instance);
  if (!point) return;
  await bisect(instance, lineTo(instance, point, RESOLUTION), point);

  const proposal = new Proposal(instance);
  const asked = new Float32Array(2 * features);
  const candidate = asked.subarray(0, features);
  const spherical = asked.subarray(features);
  const evadesOnSphere = new RecentRate(SPHERICAL_NOTES);
  const evadesNearer = new RecentRate(SOURCE_NOTES);
  let { sphericalStep, sourceStep } = options;
  let distance = instance.distance(point);
  for (let step = 1; step <= steps && sourceStep >= CONVERGED && distance > 0; step++) {
    proposal.draw(point, distance, sphericalStep, sourceStep, spherical, candidate);
    const noted = step % EVERY === 0;
    const margins = await instance.margins(noted ? asked : candidate);
    const evades = margins[0]! < 0;
    if (evades) {
      const nearer = instance.distance(candidate);
      // Rounding may have left it no nearer.
      if (nearer < distance) {
        point.set(candidate);
        distance = nearer;
      }
    }
    if (!noted) continue;
    evadesOnSphere.note(margins[1]! < 0);
    evadesNearer.note(evades);
    const onSphere = adaptation(evadesOnSphere, 0.2, 0.5);
    sphericalStep *= onSphere;
    sourceStep *= onSphere * adaptation(evadesNearer, 0.1, 0.25);
  }
}

/** What a length is multiplied with once its rate is known: longer where too many steps evade, shorter where too few. */
function adaptation(recent: RecentRate, least: number, most: number): number {
  const { rate } = recent;
  if (rate === undefined || (rate >= least && rate <= most)) return 1;
  recent.clear();
  return rate > most ? ADAPTATION : 1 / ADAPTATION;
}

/** Draws the points that a step asks about. */
class Proposal {
  private readonly noise: Noise;
  private readonly direction: Float32Array;

  constructor(private readonly instance: AttackInstance) {
    this.noise = new Noise(instance.rng);
    this.direction = new Float32Array(instance.features);
  }

  /**
   * Writes a point at random on the sphere around the original that another is on, a length away from it, and the one
   * that is nearer to the original.
   */
  draw(
    point: Float32Array,
    distance: number,
    sphericalStep: number,
    sourceStep: number,
    spherical: Float32Array,
    candidate: Float32Array,
  ): void {
    const { direction, noise } = this;
    const { original, bounds } = this.instance;
    const { lower, upper } = bounds;
    noise.fillNormal(direction);
    let along = 0;
    let squares = 0;
    for (let k = 0; k < direction.length; k++) {
      const value = direction[k]!;
      along += value * (point[k]! - original[k]!);
      squares += value * value;
    }
    along /= distance;
    // What is left of the direction without its part towards the original is orthogonal to that.
    const across = Math.sqrt(Math.max(0, squares - along * along));
    const length = across > 0 ? (sphericalStep * distance) / across : 0;
    const back = 1 - (length * along) / distance;
    const onto = 1 / Math.sqrt(1 + sphericalStep * sphericalStep);
    let radius = 0;
    for (let k = 0; k < direction.length; k++) {
      const start = original[k]!;
      const value = start + onto * (back * (point[k]! - start) + length * direction[k]!);
      const clipped = value < lower[k]! ? lower[k]! : value > upper[k]! ? upper[k]! : value;
      spherical[k] = clipped;
      const moved = clipped - start;
      radius += moved * moved;
    }
    radius = Math.sqrt(radius);
    // Clipped points are inside the sphere already: what is missing of the step is added.
    const step = Math.max(0, sourceStep * distance + radius - distance);
    const kept = radius > 0 ? 1 - Math.min(1, step / radius) : 0;
    for (let k = 0; k < direction.length; k++) {
      const start = original[k]!;
      candidate[k] = start + kept * (spherical[k]! - start);
    }
  }
}
