import type { Bounds, ImageShape, Rng } from '@rampart/core';

import { type Cppn, drawCppn, mutateCppn, paintCppn } from './cppn';

/** How an evolution writes images down: what it inherits, changes and paints. */
export interface ImageEncoding<Genome> {
  draw(bounds: Bounds, rng: Rng): Genome;
  /** A changed copy. @param generation counted from 0 */
  mutate(parent: Genome, bounds: Bounds, generation: number, rng: Rng): Genome;
  /** Writes the image, inside the bounds. */
  paint(genome: Genome, bounds: Bounds, into: Float32Array): void;
}

/** The index of polynomial mutation (Deb 2001): the larger, the smaller the changes. */
const INDEX = 15;

/**
 * One gene a feature (Nguyen et al. 2015, section 2.2): a tenth of them change at a time, by polynomial mutation, and
 * half as many after every 1,000 generations.
 */
export const directEncoding: ImageEncoding<Float32Array> = {
  draw: ({ lower, upper }, rng) => lower.map((low, k) => low + rng.uniform() * (upper[k]! - low)),

  mutate(parent, { lower, upper }, generation, rng) {
    const rate = 0.1 * 0.5 ** Math.floor(generation / 1000);
    const child = parent.slice();
    for (let k = 0; k < child.length; k++) {
      if (rng.uniform() >= rate) continue;
      const u = rng.uniform();
      const change = u < 0.5 ? (2 * u) ** (1 / (INDEX + 1)) - 1 : 1 - (2 - 2 * u) ** (1 / (INDEX + 1));
      child[k] = Math.min(upper[k]!, Math.max(lower[k]!, child[k]! + change * (upper[k]! - lower[k]!)));
    }
    return child;
  },

  paint: (genome, _, into) => into.set(genome),
};

/** A network that makes every feature from its place (Nguyen et al. 2015, section 2.2): images with regularities. */
export function cppnEncoding(shape: ImageShape): ImageEncoding<Cppn> {
  return {
    draw: (_, rng) => drawCppn(shape.channels, rng),
    mutate: (parent, _, __, rng) => mutateCppn(parent, shape.channels, rng),
    paint(genome, { lower, upper }, into) {
      paintCppn(genome, shape, into);
      for (let k = 0; k < into.length; k++) into[k] = lower[k]! + ((into[k]! + 1) / 2) * (upper[k]! - lower[k]!);
      // Rounding may take a value beyond its bound.
      for (let k = 0; k < into.length; k++) into[k] = Math.min(into[k]!, upper[k]!);
    },
  };
}
