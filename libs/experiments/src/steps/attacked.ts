import type { Dataset } from '@rampart/core';

/** Indices, into the test set, of the instances that the attacker modifies. */
export function attackedTestIndices(dataset: Dataset): Int32Array {
  const indices: number[] = [];
  dataset.test.labels.forEach((label, index) => {
    if (dataset.malicious === undefined || label === dataset.malicious) indices.push(index);
  });
  return Int32Array.from(indices);
}
