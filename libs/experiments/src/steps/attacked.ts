import type { Dataset } from '@rampart/core';

/** Indices, into the test set, of the instances that the attacker modifies: none that are of the target class. */
export function attackedTestIndices(dataset: Dataset, target: number | undefined): Int32Array {
  const indices: number[] = [];
  dataset.test.labels.forEach((label, index) => {
    if (label !== target && (dataset.malicious === undefined || label === dataset.malicious)) indices.push(index);
  });
  return Int32Array.from(indices);
}
