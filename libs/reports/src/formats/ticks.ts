import { formatNumber } from '@rampart/core';

/**
 * Round epsilons from 0 to an end, at most so many steps: of the levels of an 8-bit image (`4/255`, `8/255`) where the
 * threats are written so.
 */
export function ticksOf(end: number, threats: readonly number[], most: number): number[] {
  const levels = threats.some((epsilon) => formatNumber(epsilon).includes('/255'));
  const { step, parts } = levels ? levelStep(end, most) : decimalStep(end, most);
  const count = Math.floor((end * parts) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => (index * step) / parts);
}

/** A step as a fraction of whole numbers: 3/10 is the number that "0.3" means, and 3 * 0.1 is not. */
interface TickStep {
  readonly step: number;
  readonly parts: number;
}

/** 1, 2, 4, 8 ... levels. */
function levelStep(end: number, most: number): TickStep {
  return { step: 2 ** Math.max(0, Math.ceil(Math.log2((end * 255) / most))), parts: 255 };
}

/** 1, 2, 5, 10 ... of some power of ten. */
function decimalStep(end: number, most: number): TickStep {
  const least = end / most;
  const power = Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * 10 ** power >= least * (1 - 1e-9))!;
  return power < 0 ? { step: factor, parts: 10 ** -power } : { step: factor * 10 ** power, parts: 1 };
}
