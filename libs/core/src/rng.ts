import { createHash } from 'node:crypto';

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

import { RampartError } from './error';

type Generator = ReturnType<typeof xoroshiro128plusFromState>;

/**
 * A seeded generator that splits by name. What a child draws depends on the root's seed and on the names
 * that lead to the child alone: never on what was drawn elsewhere, nor in which order.
 */
export class Rng {
  private readonly generator: Generator;

  private constructor(
    /** Where it stands in its tree: see `at`. */
    readonly path: string,
  ) {
    const digest = createHash('sha256').update(path).digest();
    const state = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
    this.generator = xoroshiro128plusFromState(state);
  }

  /** The root of a tree of generators. */
  static root(seed: number | string): Rng {
    return new Rng(`seed:${seed}`);
  }

  /** The generator with this path, at the start of its stream. */
  static at(path: string): Rng {
    return new Rng(path);
  }

  /** The child of this name, at the start of its stream however often it is asked for. */
  split(name: string | number): Rng {
    // Escaped, so that no name can pass for a path of several.
    return new Rng(`${this.path}/${String(name).replaceAll('%', '%25').replaceAll('/', '%2F')}`);
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.generator);
  }

  /** A uniform whole number in [0, below). @throws RampartError `usage` unless `below` is a whole number above 0 */
  integer(below: number): number {
    if (!(below >= 1) || below % 1 !== 0) {
      throw new RampartError({
        code: 'usage',
        message: `A whole number can be drawn below a whole number above 0. Received: ${below}.`,
      });
    }
    return uniformInt(this.generator, 0, below - 1);
  }

  /** Standard normal, by Box and Muller's transform. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A uniform permutation of 0 .. count-1, by Fisher and Yates' shuffle. */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, index) => index);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }
}
