import type { Graph } from '../graph/ir';
import { usedBy } from '../graph/outputs';
import { isFloat } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import { gradientSupport } from './registry';
import type { StraightThrough } from './straight-through';

/** The values that depend, smoothly, on those given. */
export function reachable(
  graph: Pick<Graph, 'nodes'>,
  from: readonly string[],
  types: ValueTypes,
  steps?: StraightThrough,
): ReadonlySet<string> {
  const active = new Set(from);
  for (const node of graph.nodes) {
    const reached = steps?.reached(node, active);
    for (const output of reached ?? []) if (output !== '') active.add(output);
    if (reached) continue;
    if (gradientSupport(node.op, node.domain) === 'zero') continue;
    if (![...usedBy(node)].some((name) => active.has(name))) continue;
    for (const output of node.outputs) {
      const value = types.values.get(output);
      if (output !== '' && (!value || isFloat(value.type))) active.add(output);
    }
  }
  return active;
}
