import type { AttackInstance } from '@rampart/core';

/** A path from the original, at 0, to a point that evades. */
export interface Path {
  /** Where its evading end is. */
  readonly end: number;
  /** How far from the boundary the search may end. */
  readonly resolution: number;
  /** Writes the point at a place between 0 and `end`. */
  place(at: number, into: Float32Array): void;
}

/** Halvings after which float32 has no place left between two. */
const MOST = 40;

/**
 * Looks for the place where a path crosses the decision boundary, knowing of each point nothing but whether it evades.
 * @param point the evading end; becomes the point found, which evades
 */
export async function bisect(instance: AttackInstance, path: Path, point: Float32Array): Promise<void> {
  const middle = new Float32Array(point.length);
  let low = 0;
  let high = path.end;
  for (let halving = 0; halving < MOST && high - low > path.resolution; halving++) {
    const at = (low + high) / 2;
    path.place(at, middle);
    if ((await instance.margins(middle))[0]! < 0) {
      high = at;
      point.set(middle);
    } else {
      low = at;
    }
  }
}

/** The straight line from the original to a point that evades; places are parts of it. */
export function lineTo({ original }: AttackInstance, evading: Float32Array, resolution: number): Path {
  const end = evading.slice();
  return {
    end: 1,
    resolution,
    place(at, into) {
      for (let k = 0; k < into.length; k++) into[k] = original[k]! + at * (end[k]! - original[k]!);
    },
  };
}

/** An evading point clipped to ever smaller balls of linf around the original; places are their radii. */
export function shrinkFrom(instance: AttackInstance, evading: Float32Array, resolution: number): Path {
  const { original } = instance;
  const end = evading.slice();
  return {
    end: instance.distance(evading),
    resolution,
    place(at, into) {
      for (let k = 0; k < into.length; k++) {
        const start = original[k]!;
        const moved = end[k]! - start;
        into[k] = start + (moved > at ? at : moved < -at ? -at : moved);
      }
    },
  };
}
