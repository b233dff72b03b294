import type { AttackArena } from './attack-arena';
import type { AttackRun } from './attack-run';

/** Which instance and feature an index into candidates is. */
export function place({ images }: AttackArena, index: number): { instance: number; feature: number } {
  const size = images.data.length / images.count;
  return { instance: Math.floor(index / size), feature: index % size };
}

/** The first instance in which two runs differ; NaN equals NaN. */
export function difference({ images }: AttackArena, a: AttackRun, b: AttackRun): number | undefined {
  const size = images.data.length / images.count;
  for (let i = 0; i < images.count; i++) {
    if (!Object.is(a.iterations[i], b.iterations[i])) return i;
    for (let k = i * size; k < (i + 1) * size; k++) if (!Object.is(a.candidates[k], b.candidates[k])) return i;
  }
  return undefined;
}

/** A run's results in the order of the arena, where it was attacked in another. */
export function inArenaOrder(run: AttackRun, order: readonly number[]): AttackRun {
  const size = run.candidates.length / order.length;
  const candidates = new Float32Array(run.candidates.length);
  const iterations = new Float64Array(run.iterations.length);
  order.forEach((instance, row) => {
    candidates.set(run.candidates.subarray(row * size, (row + 1) * size), instance * size);
    iterations[instance] = run.iterations[row]!;
  });
  return { ...run, candidates, iterations };
}
