import type { Dataset } from '@rampart/core';

import type { TargetChoice } from '../targets';

/** Indices, into the test set, of the instances that the attacker modifies: none that are of the target class. */
export function attackedTestIndices(dataset: Dataset, target: TargetChoice | undefined): Int32Array {
  const indices: number[] = [];
  const aim = (index: number) => (typeof target === 'object' ? target.labels[index] : target);
  dataset.test.labels.forEach((label, index) => {
    if (label !== aim(index) && (dataset.malicious === undefined || label === dataset.malicious)) indices.push(index);
  });
  return Int32Array.from(indices);
}
