import { RampartError } from '@rampart/core';

/**
 * How weights follow their gradient g, one step:
 * - `sgd`: v = momentum * v + g; w = w - learningRate * v
 * - `adam` (Kingma and Ba, algorithm 1): m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 *   w = w - learningRate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 */
export type Optimiser =
  | { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number }
  | {
      readonly name: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

/** Stochastic gradient descent with momentum. @throws RampartError `usage` for a value out of range. */
export function sgd(learningRate = 0.01, momentum = 0.9): Optimiser {
  requireRange('sgd', 'learningRate', learningRate, learningRate > 0 && learningRate < Infinity, 'above 0');
  requireRange('sgd', 'momentum', momentum, momentum >= 0 && momentum < 1, 'in [0, 1)');
  return { name: 'sgd', learningRate, momentum };
}

/** Adam. @throws RampartError `usage` for a value out of range. */
export function adam(learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7): Optimiser {
  requireRange('adam', 'learningRate', learningRate, learningRate > 0 && learningRate < Infinity, 'above 0');
  requireRange('adam', 'beta1', beta1, beta1 >= 0 && beta1 < 1, 'in [0, 1)');
  requireRange('adam', 'beta2', beta2, beta2 >= 0 && beta2 < 1, 'in [0, 1)');
  requireRange('adam', 'epsilon', epsilon, epsilon > 0 && epsilon < Infinity, 'above 0');
  return { name: 'adam', learningRate, beta1, beta2, epsilon };
}

function requireRange(optimiser: string, name: string, value: number, valid: boolean, expected: string): void {
  if (valid) return;
  throw new RampartError({
    code: 'usage',
    message: `Optimiser "${optimiser}" needs a ${name} ${expected}. Received: ${value}.`,
  });
}
