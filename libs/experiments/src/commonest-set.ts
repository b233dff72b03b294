import { companyOf, type Dataset, featureCount } from '@rampart/core';

/** The fraction of test samples that have the commonest set of labels; undefined where labels are no sets. */
export function commonestSet({ samples, shape, test: { images } }: Dataset): number | undefined {
  const labels = companyOf(samples)?.labels.length ?? 0;
  if (labels === 0 || images.count === 0) return undefined;
  const size = featureCount(shape);
  const counts = new Map<string, number>();
  for (let end = size; end <= images.data.length; end += size) {
    const set = images.data.subarray(end - labels, end).join();
    counts.set(set, (counts.get(set) ?? 0) + 1);
  }
  return Math.max(...counts.values()) / images.count;
}
