import { type Outcome, RampartError, REJECTED } from '@rampart/core';

/**
 * Checks that the parts of an outcome fit each other.
 * @throws RampartError `contract` that names the first part that does not
 */
export function checkOutcome(outcome: Outcome): void {
  const { classes, labels, predictions, attacked, rejects = false } = outcome;
  if (predictions.length !== labels.length) {
    throw unfit(`one prediction for each of ${labels.length} labels`, `${predictions.length} predictions`);
  }
  for (const [what, values] of [
    ['labels', labels],
    ['predictions', predictions],
  ] as const) {
    const known = (value: number) => value === REJECTED && rejects && values === predictions;
    const bad = values.findIndex((value) => (value < 0 || value >= classes) && !known(value));
    if (bad >= 0) throw unfit(`${what} from 0 to ${classes - 1}`, `${values[bad]} at index ${bad}`);
  }
  const seen = new Set<number>();
  for (const index of attacked) {
    if (index < 0 || index >= labels.length) {
      throw unfit(`attacked indices below the ${labels.length} instances of the test set`, `${index}`);
    }
    if (seen.has(index)) throw unfit('each attacked instance once', `instance ${index} twice`);
    seen.add(index);
  }
  if (outcome.targets && outcome.targets.length !== attacked.length) {
    throw unfit(`a target for each of ${attacked.length} attacked instances`, `${outcome.targets.length}`);
  }
  outcome.wrongLabels?.forEach((wrong, i, all) => {
    // Class 0 stands for all labels being right.
    const fits = all.length === labels.length && wrong < classes && wrong > 0 === (predictions[i] !== 0);
    if (fits) return;
    throw unfit(
      `for each of ${labels.length} instances from 0 to ${classes - 1} wrong labels, none where class 0 is predicted`,
      `${wrong} at index ${i} of ${all.length}`,
    );
  });
  for (const what of ['distortions', 'forwardEvaluations', 'gradientEvaluations', 'iterations'] as const) {
    const { length } = outcome[what];
    if (length !== 0 && length !== attacked.length) {
      throw unfit(`${what} for each of ${attacked.length} attacked instances, or none`, `${length}`);
    }
  }
}

function unfit(expected: string, received: string): RampartError {
  return new RampartError({
    code: 'contract',
    message: `An outcome to measure needs ${expected}. Received ${received}.`,
  });
}
