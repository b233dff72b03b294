import { type GraphBuilder, scalar } from '@rampart/onnx';

import type { Optimiser } from '../optimiser';

/** What an optimiser needs, besides the weights, from one step to the next. */
export interface UpdateRule {
  /** Arrays of each weight's shape that it keeps, zeros at first: `momentum`. */
  readonly slots: readonly string[];
  /** Numbers that are fed anew at every step, counted from 1. */
  readonly factors: readonly string[];
  factorsAt(step: number, rate: number): readonly number[];
  /** Appends the update of one weight. Returns the new weight and the new slots. */
  append(
    builder: GraphBuilder,
    weight: string,
    gradient: string,
    slots: readonly string[],
    factors: readonly string[],
  ): { readonly weight: string; readonly slots: readonly string[] };
}

/** The optimiser's update as nodes; see `Optimiser` for the formulas. */
export function updateRule(optimiser: Optimiser): UpdateRule {
  return optimiser.name === 'sgd' ? sgdRule(optimiser) : adamRule(optimiser);
}

function sgdRule({ learningRate, momentum }: Extract<Optimiser, { name: 'sgd' }>): UpdateRule {
  return {
    slots: ['velocity'],
    factors: ['velocity-factor'],
    factorsAt: (_step, rate) => [learningRate * rate],
    append(builder, weight, gradient, [velocity], [velocityFactor]) {
      const next = builder.node('Add', [times(builder, velocity!, momentum), gradient]);
      return { weight: builder.node('Sub', [weight, builder.node('Mul', [next, velocityFactor!])]), slots: [next] };
    },
  };
}

/**
 * Adam with M = m / (1 - beta1) and V = v / (1 - beta2) in place of m and v, which takes fewer passes over the weights:
 * M = beta1 M + g; V = beta2 V + g^2; and, with a = (1 - beta1) / (1 - beta1^t) and b = (1 - beta2) / (1 - beta2^t),
 * learningRate * a M / (sqrt(b V) + epsilon) = (learningRate a / sqrt(b)) * M / (sqrt(V) + epsilon / sqrt(b)).
 */
function adamRule({ learningRate, beta1, beta2, epsilon }: Extract<Optimiser, { name: 'adam' }>): UpdateRule {
  return {
    slots: ['moment', 'square'],
    factors: ['rate', 'epsilon'],
    factorsAt(step, rate) {
      const a = (1 - beta1) / (1 - beta1 ** step);
      const b = (1 - beta2) / (1 - beta2 ** step);
      return [(learningRate * rate * a) / Math.sqrt(b), epsilon / Math.sqrt(b)];
    },
    append(builder, weight, gradient, [moment, square], [rate, smallest]) {
      const nextMoment = builder.node('Add', [times(builder, moment!, beta1), gradient]);
      const nextSquare = builder.node('Add', [
        times(builder, square!, beta2),
        builder.node('Mul', [gradient, gradient]),
      ]);
      const divisor = builder.node('Add', [builder.node('Sqrt', [nextSquare]), smallest!]);
      const direction = builder.node('Div', [nextMoment, divisor]);
      const change = builder.node('Mul', [direction, rate!]);
      return { weight: builder.node('Sub', [weight, change]), slots: [nextMoment, nextSquare] };
    },
  };
}

function times(builder: GraphBuilder, value: string, factor: number): string {
  return builder.node('Mul', [value, builder.constant(scalar(factor))]);
}
