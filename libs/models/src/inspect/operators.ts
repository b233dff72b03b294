import { gradientSupport, type Graph, type Model, type Node } from '@rampart/onnx';

import type { OperatorFact } from './inspection';

/**
 * The operators of a file, most frequent first; calls of its own functions count as what they consist of.
 * @param used what is computed between input and logits in the normal form, in which operators of older sets and of
 *   scikit-learn are written in others
 */
export function operatorsOf(file: Model, used: Model): OperatorFact[] {
  const functions = new Map(file.functions.map((item) => [`${item.domain}/${item.name}`, item.nodes]));
  const counts = new Map<string, { op: string; domain: string; count: number }>();
  for (const { op, domain } of allNodes(file.graph.nodes, functions)) {
    const name = nameOf(op, domain);
    counts.set(name, { op, domain, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  const left = new Set([...allNodes(used.graph.nodes, new Map())].map(({ op, domain }) => nameOf(op, domain)));
  return [...counts]
    .map(([name, { op, domain, count }]): OperatorFact => {
      const support = gradientSupport(op, domain);
      // What is not among them was written in operators that have rules, or the gradient does not pass through it.
      return { name, count, gradient: support === 'missing' && !left.has(name) ? 'exact' : support };
    })
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Operators of a graph without a rule. */
export function withoutGradient({ graph }: Model): string[] {
  const missing = [...allNodes(graph.nodes, new Map())].filter(
    ({ op, domain }) => gradientSupport(op, domain) === 'missing',
  );
  return [...new Set(missing.map(({ op, domain }) => nameOf(op, domain)))];
}

/** Floating-point numbers among the constants of a model in its normal form. */
export function parametersOf({ graph }: Model): number {
  let count = 0;
  for (const { type, dims } of graph.initializers.values()) {
    if (type.startsWith('float') || type === 'bfloat16') count += dims.reduce((product, size) => product * size, 1);
  }
  return count;
}

/** Initializers that hold a NaN. */
export function weightsWithNaN({ graph }: Model): string[] {
  return [...graph.initializers].flatMap(([name, { type, data }]) => {
    const isFloat = type === 'float32' || type === 'float64';
    return isFloat && (data as Float32Array).some((value) => Number.isNaN(value)) ? [name] : [];
  });
}

function nameOf(op: string, domain: string): string {
  return domain === '' || domain === 'ai.onnx' ? op : `${domain}.${op}`;
}

function* allNodes(
  nodes: readonly Node[],
  functions: ReadonlyMap<string, readonly Node[]>,
  depth = 0,
): Generator<Node> {
  for (const node of nodes) {
    const body = functions.get(`${node.domain}/${node.op}`);
    // A function that calls itself is refused elsewhere; here it must only end.
    if (body && depth < 20) yield* allNodes(body, functions, depth + 1);
    else yield node;
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type === 'graph') yield* allNodes((attribute.value as Graph).nodes, functions, depth + 1);
    }
  }
}
