import { RampartError } from '@rampart/core';

/**
 * One weight a class, whose mean over the instances is 1: equal, by the scarcity of the class, or in these proportions.
 * @throws RampartError `usage` where there are more or fewer than classes, or none above 0
 */
export function weightsOfClasses(
  weights: 'equal' | 'balanced' | readonly number[],
  labels: ArrayLike<number>,
  classes: number,
): Float64Array {
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) counts[labels[i]!]! += 1;
  if (weights === 'equal') return new Float64Array(classes).fill(1);
  const raw = weights === 'balanced' ? counts.map((count) => (count > 0 ? 1 / count : 0)) : Float64Array.from(weights);
  if (raw.length !== classes) {
    throw new RampartError({
      code: 'usage',
      message: `Expected one class weight for each of ${classes} classes. Received ${raw.length}: ${[...raw].join(', ')}.`,
    });
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = raw.reduce((sum, weight, label) => sum + weight * counts[label]!, 0) / total;
  if (!(mean > 0)) {
    throw new RampartError({
      code: 'usage',
      message: `Expected class weights of which one is above 0 for a class with instances. Received: ${[...raw].join(', ')}.`,
    });
  }
  return raw.map((weight) => weight / mean);
}
