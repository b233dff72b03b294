import type { Optimiser } from '../optimiser';

/** What an optimiser does to the weights, and what it keeps from one step to the next. */
export interface UpdateRule {
  /** Arrays of the weights' length that it keeps, zeros at first: 1 for `momentum`. */
  readonly slots: number;
  /** The numbers of a step, counted from 1, at this multiple of the learning rate. */
  factorsAt(step: number, rate: number): readonly number[];
  /**
   * Updates the weights from `first` on, and the slots, in place. Each weight is updated by itself, so that it does not
   * matter in which parts it is done.
   * @param gradient of the weights `first`, `first` + 1, ...
   */
  update(
    weights: Float32Array,
    slots: readonly Float32Array[],
    first: number,
    gradient: Float64Array,
    factors: readonly number[],
  ): void;
}

/** The optimiser's update; see `Optimiser` for the formulas. Computed in double precision and kept in single. */
export function updateRule(optimiser: Optimiser): UpdateRule {
  return optimiser.name === 'sgd' ? sgdRule(optimiser) : adamRule(optimiser);
}

function sgdRule({ learningRate, momentum }: Extract<Optimiser, { name: 'sgd' }>): UpdateRule {
  return {
    slots: 1,
    factorsAt: (_step, rate) => [learningRate * rate],
    update(weights, [velocity], first, gradient, [rate]) {
      for (let i = 0, at = first; i < gradient.length; i++, at++) {
        const next = momentum * velocity![at]! + gradient[i]!;
        velocity![at] = next;
        weights[at]! -= rate! * next;
      }
    },
  };
}

/**
 * Adam with M = m / (1 - beta1) and V = v / (1 - beta2) in place of m and v: M = beta1 M + g; V = beta2 V + g^2; and,
 * with a = (1 - beta1) / (1 - beta1^t) and b = (1 - beta2) / (1 - beta2^t),
 * learningRate * a M / (sqrt(b V) + epsilon) = (learningRate a / sqrt(b)) * M / (sqrt(V) + epsilon / sqrt(b)).
 */
function adamRule({ learningRate, beta1, beta2, epsilon }: Extract<Optimiser, { name: 'adam' }>): UpdateRule {
  return {
    slots: 2,
    factorsAt(step, rate) {
      const a = (1 - beta1) / (1 - beta1 ** step);
      const b = (1 - beta2) / (1 - beta2 ** step);
      return [(learningRate * rate * a) / Math.sqrt(b), epsilon / Math.sqrt(b)];
    },
    update(weights, [moments, squares], first, gradient, [rate, smallest]) {
      for (let i = 0, at = first; i < gradient.length; i++, at++) {
        const g = gradient[i]!;
        const moment = beta1 * moments![at]! + g;
        const square = beta2 * squares![at]! + g * g;
        moments![at] = moment;
        squares![at] = square;
        weights[at]! -= (rate! * moment) / (Math.sqrt(square) + smallest!);
      }
    },
  };
}
