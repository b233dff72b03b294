import type { Node } from '../graph/ir';
import { usedBy } from '../graph/outputs';
import { isFloat } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import { reachable } from './reachable';
import { gradientSupport } from './registry';

/** Two values of a model. */
export interface Way {
  /** The images. */
  readonly from: string;
  /** The logits. */
  readonly to: string;
}

/** The steps on the ways from one value to another. */
export interface StepOperators {
  /** Operators whose gradient is zero wherever it exists, each once, in the order of the graph. */
  readonly operators: readonly string[];
  /** True if all ways lead through one, so that the gradient is zero everywhere. */
  readonly everywhere: boolean;
}

/** What takes a value for its shape or type alone. */
const SHAPE_ONLY = new Set(['Shape', 'Size', 'EyeLike', 'RandomNormalLike', 'RandomUniformLike']);

/**
 * The operators on the ways from one value to another that change in steps only, such as Round, ArgMax or an ensemble of
 * trees, and hide the gradient there. A condition that chooses between two smooth branches, as a hand-written Relu has,
 * is none: the gradient is that of the chosen branch.
 */
export function stepOperators(types: ValueTypes, { from, to }: Way): StepOperators {
  const { graph } = types.model;
  const dependent = new Set([from]);
  for (const node of graph.nodes) {
    if (passing(node, dependent).length > 0) for (const output of node.outputs) if (output) dependent.add(output);
  }
  const operators = new Set<string>();
  const needed = new Set([to]);
  for (const node of graph.nodes.toReversed()) {
    const inputs = passing(node, dependent);
    if (inputs.length === 0 || !node.outputs.some((output) => needed.has(output))) continue;
    for (const name of inputs) needed.add(name);
    if (isStep(node, types)) operators.add(node.op);
  }
  // The head of a model with one output is appended after probing; what leads to it is known.
  const everywhere = dependent.has(to) && !reachable(graph, [from], types).has(to);
  return { operators: [...operators].reverse(), everywhere };
}

/** The values whose change a node passes on. */
function passing(node: Node, dependent: ReadonlySet<string>): readonly string[] {
  if (node.domain === '' && SHAPE_ONLY.has(node.op)) return [];
  const used = [...usedBy(node)].filter((name) => dependent.has(name));
  if (node.domain !== '' || node.op !== 'Where') return used;
  const branches = used.filter((name) => name !== node.inputs[0]);
  return branches.length > 0 ? branches : used;
}

function isStep({ op, domain, inputs, outputs }: Node, { values }: ValueTypes): boolean {
  if (gradientSupport(op, domain) === 'zero') return true;
  // From numbers to whole ones.
  const [input, output] = [values.get(inputs[0]!), values.get(outputs[0]!)];
  return domain === '' && op === 'Cast' && !!input && !!output && isFloat(input.type) && !isFloat(output.type);
}
