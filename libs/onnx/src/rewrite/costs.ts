import type { ProbedDimension } from '../graph/value-types';

/** Channels in a block of ONNX Runtime's blocked layout; 8 without AVX-512. */
export const BLOCK = 16;

/** Up to this many elements, an operator takes less time over them than ONNX Runtime takes to call it. */
const FEW = 4096;

/** True for a value of few elements at every batch size: the fewest operators are the fastest. */
export function isSmall(dims: readonly ProbedDimension[]): boolean {
  return dims.every((dim) => typeof dim === 'number') && dims.reduce((product, dim) => product * dim, 1) <= FEW;
}

/** From this many elements on, a sample fills the processor's nearer caches, and every pass over it waits for memory. */
const MANY = 2 ** 19;

/** True for a value whose samples are so large that operators which pass over it once beat many that are faster. */
export function isLarge(dims: readonly ProbedDimension[]): boolean {
  const sample = dims.slice(1);
  return sample.every((dim) => typeof dim === 'number') && sample.reduce((product, dim) => product * dim, 1) >= MANY;
}
