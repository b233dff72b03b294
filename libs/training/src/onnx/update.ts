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

function adamRule({ learningRate, beta1, beta2, epsilon }: Extract<Optimiser, { name: 'adam' }>): UpdateRule {
  return {
    slots: ['moment', 'square'],
    factors: ['moment-factor', 'square-factor'],
    factorsAt: (step, rate) => [(learningRate * rate) / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)],
    append(builder, weight, gradient, [moment, square], [momentFactor, squareFactor]) {
      const nextMoment = builder.node('Add', [times(builder, moment!, beta1), times(builder, gradient, 1 - beta1)]);
      const gradientSquare = builder.node('Mul', [gradient, times(builder, gradient, 1 - beta2)]);
      const nextSquare = builder.node('Add', [times(builder, square!, beta2), gradientSquare]);
      const root = builder.node('Mul', [builder.node('Sqrt', [nextSquare]), squareFactor!]);
      const divisor = builder.node('Add', [root, builder.constant(scalar(epsilon))]);
      const direction = builder.node('Div', [builder.node('Mul', [nextMoment, momentFactor!]), divisor]);
      return { weight: builder.node('Sub', [weight, direction]), slots: [nextMoment, nextSquare] };
    },
  };
}

function times(builder: GraphBuilder, value: string, factor: number): string {
  return builder.node('Mul', [value, builder.constant(scalar(factor))]);
}
