import { RampartError } from '@rampart/core';

import { describe } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { Node, Tensor } from '../ir';
import { toNumbers } from '../tensor';

/** What the rewriting of one node has at hand. */
export interface UpgradeContext {
  /** Takes the nodes that stand for the old one. Their last one makes the old one's outputs. */
  readonly builder: GraphBuilder;
  /** The operator set that the node is written in. */
  readonly opset: number;
  /** A constant's elements; undefined where the value is no constant. */
  constant(name: string): Tensor | undefined;
  /** The rank of a value where the graph gives it away. */
  rank(name: string): number | undefined;
}

/** Writes a node of an older operator set in the canonical form. */
export interface Upgrade {
  /** Applies to operator sets below this one. */
  readonly below: number;
  rewrite(node: Node, context: UpgradeContext): void;
}

/** A rewriting that applies to every operator set. */
export function always(rewrite: Upgrade['rewrite']): Upgrade {
  return { below: Infinity, rewrite };
}

/** Upgrades by operator; one of another domain than ONNX's own has that in front, and a dot. */
export type Upgrades = Readonly<Record<string, Upgrade>>;

/** The node without some of its attributes. */
export function without(node: Node, ...names: readonly string[]): Node['attributes'] {
  return Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));
}

/**
 * The numbers of an input that must be constant.
 * @throws RampartError `bad-model` that names the node
 */
export function constantNumbers(node: Node, index: number, context: UpgradeContext): number[] {
  const value = context.constant(node.inputs[index] ?? '');
  if (value) return toNumbers(value);
  throw new RampartError({
    code: 'bad-model',
    message: `Input ${index} of ${describe(node)} is expected to be a constant in operator set ${context.opset}. Received a computed value; export the model with operator set 13 or newer.`,
  });
}
