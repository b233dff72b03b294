import { RampartError } from '@rampart/core';

import { GraphBuilder } from '../graph/builder';
import type { Model } from '../graph/ir';
import { isFloat } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import type { Rewrite } from '../rewrite/rewrites';
import { Backward } from './backward';
import type { Emitter } from './emitter';

export interface DifferentiateOptions {
  /** The value whose elements' sum is differentiated; the sum of several values' where several are named. */
  readonly of: string | readonly string[];
  /** Inputs, initializers or values in between. */
  readonly wrt: readonly string[];
  /** What `probe` has found out about the model. */
  readonly types: ValueTypes;
  /**
   * Weights the sum: what the elements of each value of `of` are multiplied with before they are added up (a
   * vector-Jacobian product). Either values of the model by the name of what they weight, of its type and shape, which
   * count as constants; or `inputs`, which are added to the graph.
   */
  readonly weights?: 'inputs' | Readonly<Record<string, string>>;
  /**
   * Passes gradients on through operators that change in steps, as if they were the smooth ones that they follow: Round
   * and its like, Sign, Hardmax, quantisation, integers. What the model computes stays.
   */
  readonly straightThrough?: boolean;
  /** Forms that no gradient takes, to measure what they gain. */
  readonly without?: readonly Rewrite[];
}

export interface Differentiated {
  /** The model with the gradients appended. They are values, not outputs: declare those that are wanted. */
  readonly model: Model;
  /** The name of the gradient of each value asked for, of that value's type and shape. */
  readonly gradients: ReadonlyMap<string, string>;
  /** The weights of each value of `of`; empty unless there are any. */
  readonly weights: ReadonlyMap<string, string>;
}

/**
 * Reverse-mode differentiation of a graph into a graph of standard operators: appends the gradient of the sum of one
 * value with respect to others. Values that do not influence it get zeros.
 * @throws RampartError `bad-model` where an operator on the way has no gradient, `usage` where a name is unknown
 */
export function differentiate(model: Model, options: DifferentiateOptions): Differentiated {
  const { wrt, types } = options;
  const of = typeof options.of === 'string' ? [options.of] : options.of;
  if (types.model.graph.outputs.some(({ name }, i) => model.graph.outputs[i]?.name !== name)) {
    throw new RampartError({ code: 'usage', message: 'The types given to differentiate are those of another model.' });
  }
  const { graph } = types.model;
  for (const name of [...of, ...wrt]) checkValue(name, types);
  const builder = new GraphBuilder(graph);
  const backward = new Backward(types, builder, wrt, {
    straightThrough: options.straightThrough ?? false,
    without: new Set(options.without),
  });
  const { totals, emit, active } = backward;
  const weights = new Map<string, string>();
  for (const name of of) {
    const weight = options.weights === 'inputs' ? weightInput(name, builder, types) : options.weights?.[name];
    if (weight !== undefined) weights.set(name, weight);
    const weighted = weights.get(name);
    if (!active.has(name)) continue;
    if (weighted === undefined) totals.add(name, ones(name, emit, types));
    else backward.seed(name, weighted);
  }
  backward.through(graph.nodes);
  const gradients = new Map(wrt.map((name) => [name, backward.result(name)]));
  return { model: { ...types.model, graph: builder.build(graph.name) }, gradients, weights };
}

function weightInput(of: string, builder: GraphBuilder, types: ValueTypes): string {
  const { type, dims } = types.values.get(of)!;
  return builder.input(builder.reserve(`weights of ${of}`), type, dims);
}

function ones(of: string, emit: Emitter, types: ValueTypes): string {
  return types.values.get(of)!.dims.length === 0 ? emit.number(1, of) : emit.filledLike(of, 1);
}

function checkValue(name: string, types: ValueTypes): void {
  const value = types.values.get(name);
  if (!value) {
    throw new RampartError({ code: 'usage', message: `The model has no value "${name}" that can be differentiated.` });
  }
  if (!isFloat(value.type)) {
    throw new RampartError({
      code: 'bad-model',
      message: `"${name}" is of type ${value.type}. Expected floating-point numbers, as only those have a gradient.`,
    });
  }
}
