/**
 * `misclassified`: wrong without the attack. Of the others, `evaded`: wrong after it; `unmoved`: the attack left it as it
 * was, as where the gradient is zero, so that it was not attacked at all; `resisted`: moved, and right all the same.
 */
export type InstanceOutcome = 'evaded' | 'resisted' | 'misclassified' | 'unmoved';

/** By what is stored of them. */
export const OUTCOMES: readonly InstanceOutcome[] = ['resisted', 'evaded', 'misclassified', 'unmoved'];

/** What came of the attacked instances of one evaluation, in order of position. */
export interface Outcomes {
  /** Indices into the test set, parted by commas: equal for evaluations of the same instances. */
  readonly testIndices: string;
  /** One digit an instance: its place in `OUTCOMES`. */
  readonly digits: string;
}
