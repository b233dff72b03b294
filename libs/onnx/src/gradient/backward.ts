import { RampartError } from '@rampart/core';

import { describe } from '../graph/attribute';
import type { GraphBuilder } from '../graph/builder';
import type { Node } from '../graph/ir';
import { usedBy } from '../graph/outputs';
import type { ValueTypes } from '../graph/value-types';
import { AsFloats, isHalf, onFloats, widened } from './as-floats';
import { controlFlow } from './control-flow';
import { Emitter } from './emitter';
import { Marks } from './marks';
import { reachable } from './reachable';
import type { Rewrite } from '../rewrite/rewrites';
import { ruleOf } from './registry';
import { RuleContext } from './rule';
import { StraightThrough } from './straight-through';
import { Totals } from './totals';

export interface BackwardOptions {
  /** Whether steps pass gradients on as they are. */
  readonly straightThrough: boolean;
  /** Forms that no gradient takes. */
  readonly without: ReadonlySet<Rewrite>;
}

/** The backward half of one graph: of the main one, or of one inside of a node. */
export class Backward {
  readonly totals: Totals;
  readonly emit: Emitter;
  /** The values through which gradients pass. */
  readonly active: ReadonlySet<string>;
  private readonly marks = new Marks();
  private readonly floats: AsFloats;
  private readonly steps: StraightThrough | undefined;

  /**
   * @param builder takes the nodes; it has those of the forward half already
   * @param wrt values whose gradients are wanted
   */
  constructor(
    readonly types: ValueTypes,
    readonly builder: GraphBuilder,
    wrt: readonly string[],
    private readonly options: BackwardOptions,
  ) {
    this.totals = new Totals(builder);
    this.emit = new Emitter(builder, widened(types), this.marks);
    this.floats = new AsFloats(types, builder);
    this.steps = options.straightThrough ? new StraightThrough(types, builder) : undefined;
    this.active = reachable(types.model.graph, wrt, types, this.steps);
  }

  /** A gradient of a value's type, as float32 where that has fewer bits. */
  seed(value: string, gradient: string): void {
    const half = isHalf(this.types.values.get(value)!.type);
    this.totals.add(value, half ? this.emit.cast(gradient, 'float32') : gradient);
  }

  /** The gradient of a value, of its type. */
  result(of: string): string {
    const { type } = this.types.values.get(of)!;
    const total = this.totals.of(of) ?? this.emit.zerosLike(of);
    return isHalf(type) ? this.emit.cast(total, type) : total;
  }

  /** The backward half of a graph inside of one of this one's nodes. */
  inside(types: ValueTypes, builder: GraphBuilder, wrt: readonly string[]): Backward {
    return new Backward(types, builder, wrt, this.options);
  }

  /** The values that depend on those given in a graph inside of one of this one's nodes. */
  reachedInside(types: ValueTypes, from: readonly string[]): ReadonlySet<string> {
    return reachable(
      types.model.graph,
      from,
      types,
      this.options.straightThrough ? new StraightThrough(types, this.builder) : undefined,
    );
  }

  /**
   * Passes the gradients of the nodes' results on to what they are made of.
   * @throws RampartError `bad-model` where an operator on the way has no gradient
   */
  through(nodes: readonly Node[]): void {
    const { active, totals, types, builder, marks, steps } = this;
    const { without } = this.options;
    for (const node of nodes.toReversed()) {
      const gradients = node.outputs.map((output) => (active.has(output) ? totals.of(output) : undefined));
      if (gradients.every((gradient) => gradient === undefined)) continue;
      if (![...usedBy(node)].some((name) => active.has(name))) continue;
      const flow = controlFlow(node);
      if (flow) {
        flow(node, gradients, this);
        continue;
      }
      const wanted = node.inputs.map((input) => active.has(input));
      const contextOf = (of: Node, known: ValueTypes) =>
        new RuleContext(of, gradients, wanted, known, builder, marks, without);
      const alike = onFloats(node, types, this.floats);
      const context = contextOf(alike, alike === node ? types : this.floats.types);
      const results = steps?.gradients(alike, context, contextOf) ?? ruleOf(alike)?.(context);
      if (!results) throw missing(node);
      results.forEach((gradient, i) => {
        if (gradient !== undefined && wanted[i]) totals.add(node.inputs[i]!, gradient);
      });
    }
  }

  /** Why a node cannot be differentiated. */
  refuse(node: Node, reason: string): RampartError {
    return new RampartError({ code: 'bad-model', message: `${describe(node)} cannot be differentiated: ${reason}.` });
  }
}

function missing(node: Node): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `${describe(node)} has no gradient here. Attack the model with gradients estimated from queries, or export it without this operator.`,
  });
}
