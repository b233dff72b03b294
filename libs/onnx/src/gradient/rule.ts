import { RampartError } from '@rampart/core';

import { describe } from '../graph/attribute';
import type { GraphBuilder } from '../graph/builder';
import type { ElementType, Node, Tensor } from '../graph/ir';
import { producersOf } from '../graph/producers';
import { toNumbers } from '../graph/tensor';
import type { ProbedDimension, ValueType, ValueTypes } from '../graph/value-types';
import type { Rewrite } from '../rewrite/rewrites';
import { Emitter } from './emitter';
import { Marks } from './marks';

/**
 * Appends the gradient of one node: from the gradients of its outputs to those of its inputs. Returns, for each
 * input, the name of its gradient, of the input's type and shape; undefined where it has none or none is wanted.
 */
export type GradientRule = (context: RuleContext) => readonly (string | undefined)[];

/** What a rule knows about its node. */
export class RuleContext {
  readonly emit: Emitter;

  constructor(
    readonly node: Node,
    private readonly outputGradients: readonly (string | undefined)[],
    private readonly wanted: readonly boolean[],
    private readonly types: ValueTypes,
    private readonly builder: GraphBuilder,
    private readonly marks = new Marks(),
    private readonly without: ReadonlySet<Rewrite> = new Set(),
  ) {
    this.emit = new Emitter(builder, types, marks);
  }

  /** Whether the gradient may take a form. */
  may(rewrite: Rewrite): boolean {
    return !this.without.has(rewrite);
  }

  /** The name of an input; empty where it is left out. */
  input(index: number): string {
    return this.node.inputs[index] ?? '';
  }

  /** True if the gradient of this input leads to something that is asked for. */
  wants(index: number): boolean {
    return this.wanted[index] ?? false;
  }

  /** The gradient of an output; undefined where the result does not depend on it. */
  gradientOf(index: number): string | undefined {
    return this.outputGradients[index];
  }

  /** The gradient of the first output. */
  get gradient(): string {
    const gradient = this.outputGradients[0];
    if (gradient === undefined) throw this.refuse('its first output is not used, another one is');
    return gradient;
  }

  /** The name of an output, which the node is given if it lacks it. */
  output(index = 0): string {
    const name = this.node.outputs[index];
    return name
      ? name
      : this.builder.extendOutputs(
          this.node.outputs.find((output) => output !== '')!,
          index + 1,
        )[index]!;
  }

  type(name: string): ValueType {
    const type = this.types.values.get(name);
    if (!type) throw this.refuse(`the shape of "${name}" is not known`);
    return type;
  }

  dims(name: string): readonly ProbedDimension[] {
    return this.type(name).dims;
  }

  elementType(name: string): ElementType {
    return this.type(name).type;
  }

  /** The dimensions of a value from an axis on, which must be the same at every batch size. */
  staticDims(name: string, from = 0): number[] {
    return this.dims(name)
      .slice(from)
      .map((dim) => {
        if (typeof dim === 'number') return dim;
        throw this.refuse(
          `the shape of "${name}" is expected to be fixed from axis ${from} on. Received: [${this.dims(name).join(', ')}]`,
        );
      });
  }

  /** The value of a constant, or of what depends on constants and shapes alone. */
  constant(name: string): Tensor | undefined {
    return name === '' ? undefined : (this.types.constants.get(name) ?? this.types.model.graph.initializers.get(name));
  }

  /** The numbers of a constant input; undefined where it is left out or computed. */
  numbers(index: number): number[] | undefined {
    const value = this.constant(this.input(index));
    return value && toNumbers(value);
  }

  /** True if the value is the same in every run: an initializer, or computed from some alone. */
  isConstant(name: string): boolean {
    return this.types.fixed.has(name);
  }

  /** The operator that makes a value; undefined for inputs and constants. */
  producer(name: string): Node | undefined {
    return name === '' ? undefined : producersOf(this.types.model.graph).get(name);
  }

  /** Marks a gradient that is zero already wherever the value is not positive, so that Relu need not see to it. */
  markGated(gradient: string): void {
    this.marks.gated.add(gradient);
  }

  isGated(gradient: string): boolean {
    return this.marks.gated.has(gradient);
  }

  /** The number that every element of a gradient is; undefined where they differ or may differ. */
  uniform(gradient: string): number | undefined {
    return this.marks.uniform.get(gradient);
  }

  /** An axis counted from the front. */
  axis(value: number, rank: number): number {
    return value < 0 ? value + rank : value;
  }

  /** Says why this node cannot be differentiated. */
  refuse(reason: string): RampartError {
    return new RampartError({
      code: 'bad-model',
      message: `${describe(this.node)} cannot be differentiated: ${reason}.`,
    });
  }
}
