import { RampartError } from '@rampart/core';

/**
 * One term of what training minimises, over named views of the batch. A view is an array with one row a sample:
 * images, class probabilities, whatever the trainer put under its name.
 *
 * With p the target's row, z the output's row, T the temperature, q = softmax(z / T), x the row that is fed to the model
 * and y the likeliest class of p, a sample's loss is
 * - `cross-entropy`: -sum_j p_j log q_j, p class probabilities (one-hot for hard labels)
 * - `kl`: sum_j p_j (log p_j - log q_j), 0 log 0 being 0
 * - `mse`: the mean of (z - p)^2 over the row's elements
 * - `boosted-cross-entropy` (Wang et al. 2020, equation 7): -log q_y - log(1 - max over j != y of q_j), times the sum of p
 * - `input-gradient`: the squared l2 norm of the gradient of the cross-entropy with respect to x
 * - `jacobian`: the squared l2 norm of the gradient of sum_j p_j z_j with respect to x, p a direction
 * - `contraction` (Gu and Rigazio 2014): the sum over the layers with weights that z depends on of the squared
 *   Frobenius norm of the Jacobian of a layer's values, after the element-wise operators that follow it, with respect to
 *   what it is given; without a target
 *
 * and the term is its mean over the batch, times the weight.
 */
export interface ObjectiveTerm {
  readonly loss:
    'cross-entropy' | 'kl' | 'mse' | 'boosted-cross-entropy' | 'input-gradient' | 'jacobian' | 'contraction';
  /** The view that is fed to the model. */
  readonly input: string;
  /** The model's output that is compared. */
  readonly output: string;
  /**
   * The view that it is compared with; or the softmax at the temperature of what the model itself answers for a view,
   * through which the gradient goes as well. Every loss but `contraction` has one.
   */
  readonly target?: string | { readonly answerTo: string };
  /**
   * Multiplies a sample's loss by 1 - q_y, where q is the softmax of the output for the view `answerTo` and y the class
   * that is 1 in the view `labels`: by how unsure the model is of the truth.
   */
  readonly doubt?: { readonly answerTo: string; readonly labels: string };
  /** Divides the logits of `cross-entropy` and `kl`. Default 1. */
  readonly temperature?: number;
  /** Default 1. */
  readonly weight?: number;
}

/** A term with its defaults written out. */
export type CompleteTerm = ObjectiveTerm & Required<Pick<ObjectiveTerm, 'temperature' | 'weight'>>;

/** The terms that hold a gradient themselves, so that training differentiates twice. */
export function isPenalty({ loss }: Pick<ObjectiveTerm, 'loss'>): boolean {
  return loss === 'input-gradient' || loss === 'jacobian' || loss === 'contraction';
}

/** The views that are fed to the model. */
export function fedViews(terms: readonly ObjectiveTerm[]): string[] {
  const fed = terms.flatMap(({ input, target, doubt }) => [
    input,
    ...(typeof target === 'object' ? [target.answerTo] : []),
    ...(doubt ? [doubt.answerTo] : []),
  ]);
  return [...new Set(fed)];
}

/** The views that outputs are compared with. */
export function comparedViews(terms: readonly ObjectiveTerm[]): string[] {
  const compared = terms.flatMap(({ target, doubt }) => [
    ...(typeof target === 'string' ? [target] : []),
    ...(doubt ? [doubt.labels] : []),
  ]);
  return [...new Set(compared)];
}

/** What training minimises: a weighted sum of terms. */
export interface Objective {
  readonly terms: readonly ObjectiveTerm[];
  /**
   * Adds this times the weight itself to the gradient of every trained weight of two or more dimensions, as half the
   * sum of squares would; it is not part of the reported loss. Default 0.
   */
  readonly weightDecay?: number;
}

/** The usual objective of a classifier: the cross-entropy of `logits` for `images`, the truth in `labels`. */
export function classification(options: { temperature?: number; weightDecay?: number } = {}): Objective {
  const { temperature = 1, weightDecay = 0 } = options;
  return {
    terms: [{ loss: 'cross-entropy', input: 'images', output: 'logits', target: 'labels', temperature }],
    weightDecay,
  };
}

/** The objective with its defaults written out. @throws RampartError `usage` that names the term and the field. */
export function checkObjective(objective: Objective): {
  readonly terms: readonly CompleteTerm[];
  readonly weightDecay: number;
} {
  const { terms, weightDecay = 0 } = objective;
  if (terms.length === 0) throw wrong('it has no terms. Expected at least one');
  if (!(weightDecay >= 0 && weightDecay < Infinity)) {
    throw wrong(`its weightDecay is ${weightDecay}. Expected a number of 0 or more`);
  }
  const complete = terms.map((term, index) => {
    const { temperature = 1, weight = 1 } = term;
    if (!(temperature > 0 && temperature < Infinity)) {
      throw wrong(`the temperature of term ${index + 1} (${term.loss}) is ${temperature}. Expected a number above 0`);
    }
    if (term.target === undefined && term.loss !== 'contraction') {
      throw wrong(`term ${index + 1} (${term.loss}) has no target. Expected a view, or whose answer it is`);
    }
    if (!Number.isFinite(weight)) {
      throw wrong(`the weight of term ${index + 1} (${term.loss}) is ${weight}. Expected a finite number`);
    }
    return { ...term, temperature, weight };
  });
  return { terms: complete, weightDecay };
}

function wrong(reason: string): RampartError {
  return new RampartError({ code: 'usage', message: `The training objective is not valid: ${reason}.` });
}

/** One-hot rows for class indices: the target view of `cross-entropy` for hard labels. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected labels from 0 to ${classes - 1}. Received ${label} at index ${i}.`,
      });
    }
    rows[i * classes + label] = 1;
  }
  return rows;
}
