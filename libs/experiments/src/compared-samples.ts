import { type LabelledImages, mcnemar, takeLabelled } from '@rampart/core';

/** Test samples that two ways to feed or read a file are compared on. */
const COMPARED = 128;

/** One way is better by so much at least, and not by chance: McNemar's test over the ways that were tried. */
const BETTER_BY = 0.1;
const CHANCE = 1e-3;

/** Samples evenly spread over a split. */
export function comparedSamples(data: LabelledImages): LabelledImages {
  const { count } = data.images;
  const kept = Math.min(count, COMPARED);
  return takeLabelled(
    data,
    Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept)),
  );
}

/** Whether of two ways the best one is far better, which was found among some: both by which samples they get right. */
export function isFarBetter(best: readonly boolean[], first: readonly boolean[], tries: number): boolean {
  const onlyBest = best.filter((right, i) => right && !first[i]).length;
  const onlyFirst = first.filter((right, i) => right && !best[i]).length;
  if (onlyBest - onlyFirst < BETTER_BY * first.length) return false;
  return mcnemar(onlyBest, onlyFirst).p * Math.max(1, tries) < CHANCE;
}

/** `98.4%` */
export function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}
