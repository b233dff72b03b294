import { RampartError } from '@rampart/core';

import { describe } from '../attribute';
import { GraphBuilder } from '../builder';
import type { Attribute, Graph, LocalFunction, Model, Node, Tensor } from '../ir';
import { boolTensor, float32Tensor, int64Tensor, tensor } from '../tensor';
import { axesUpgrades } from './axes';
import { withoutBfloat16 } from './bfloat16';
import { boundsUpgrades } from './bounds';
import { deformConvUpgrades } from './deform-conv';
import { featureExtractorUpgrades } from './feature-extractor';
import { fusedUpgrades } from './fused';
import { fusedAttentionUpgrades } from './fused-attention';
import { fusedNormalizationUpgrades } from './fused-normalization';
import { fusedRotaryUpgrades } from './fused-rotary';
import { instantiate } from './functions';
import { legacyUpgrades } from './legacy';
import { lossUpgrades } from './losses';
import { normalizationUpgrades } from './normalization';
import { quantisedUpgrades } from './quantised';
import { RankTable } from './ranks';
import { resamplingUpgrades } from './resampling';
import { scanUpgrades } from './scan';
import { Sequences } from './sequences';
import { slicingUpgrades } from './slicing';
import { softmaxUpgrades } from './softmax';
import type { UpgradeContext, Upgrades } from './upgrade';

/** The operator set that everything is written in, unless the model's own is newer. */
export const CANONICAL_OPSET = 21;

const UPGRADES: Upgrades = {
  ...legacyUpgrades,
  ...lossUpgrades,
  ...axesUpgrades,
  ...deformConvUpgrades,
  ...featureExtractorUpgrades,
  ...fusedUpgrades,
  ...fusedAttentionUpgrades,
  ...fusedNormalizationUpgrades,
  ...fusedRotaryUpgrades,
  ...quantisedUpgrades,
  ...boundsUpgrades,
  ...normalizationUpgrades,
  ...resamplingUpgrades,
  ...scanUpgrades,
  ...slicingUpgrades,
  ...softmaxUpgrades,
};

/** Operators that are written out in others whatever their operator set, another domain than ONNX's own in front. */
export function writtenOut(): readonly string[] {
  const always = Object.entries(UPGRADES).filter(([, { below }]) => below === Infinity);
  return always.map(([name]) => name).toSorted();
}

const known = new WeakMap<Model, Model>();

/**
 * The same model in one form, so that nothing that works on graphs needs to know what exporters and operator sets
 * differ in: written in one operator set, constants as initializers, functions of the model's own written out, `If`
 * with a constant condition replaced by its branch, sequences rewritten away as far as places in them are known, float32 in the place of bfloat16. Names of inputs, outputs, initializers and values stay.
 * @throws RampartError `bad-model` for a function that calls itself
 */
export function normalise(given: Model): Model {
  const done = known.get(given);
  if (done) return done;
  const model = withoutBfloat16(given);
  const opset = model.opsets.get('') ?? CANONICAL_OPSET;
  const target = Math.max(CANONICAL_OPSET, opset, ...model.functions.map((item) => item.opsets.get('') ?? 0));
  const functions = new Map(model.functions.map((item) => [functionKey(item.domain, item.name), item]));
  const opsets = new Map([...model.functions.flatMap((item) => [...item.opsets]), ...model.opsets]).set('', target);
  const normaliser = new Normaliser(functions);
  const normal: Model = {
    ...model,
    irVersion: Math.max(model.irVersion, 10),
    opsets,
    functions: [],
    graph: normaliser.graph(model.graph, opset, { outer: [], reserved: [] }, new Map()),
  };
  known.set(given, normal);
  known.set(normal, normal);
  return normal;
}

function functionKey(domain: string, name: string): string {
  return `${domain}:${name}`;
}

class Normaliser {
  constructor(private readonly functions: ReadonlyMap<string, LocalFunction>) {}

  graph(
    graph: Graph,
    opset: number,
    around: { readonly outer: Iterable<string>; readonly reserved: Iterable<string> },
    outerConstants: ReadonlyMap<string, Tensor>,
  ): Graph {
    const reserved = new Set(around.reserved);
    for (const node of graph.nodes) for (const name of [node.name, ...node.outputs]) reserved.add(name);
    for (const { name } of graph.inputs) reserved.add(name);
    const builder = new GraphBuilder(undefined, { reserved, outer: around.outer });
    const constants = new Map(outerConstants);
    // Old files list their initializers among the inputs.
    for (const { name, type, dims } of graph.inputs) {
      if (graph.initializers.has(name)) continue;
      if (type === 'other') builder.otherInput(graph.inputs.find((input) => input.name === name)!);
      else builder.input(name, type, dims);
    }
    for (const [name, value] of graph.initializers) {
      builder.initializer(name, value);
      constants.set(name, value);
    }
    const ranks = new RankTable(graph, constants);
    const sequences = new Sequences(builder, constants);
    const outputs = new Set(graph.outputs.map(({ name }) => name));
    this.nodes(graph.nodes, opset, { builder, constants, ranks, sequences, outputs, depth: 0 });
    sequences.make(outputs);
    return { ...builder.build(graph.name), outputs: graph.outputs };
  }

  private nodes(nodes: readonly Node[], opset: number, scope: Scope): void {
    for (const node of nodes) this.node(node, opset, scope);
  }

  private node(node: Node, opset: number, scope: Scope): void {
    const { builder, constants, ranks, sequences } = scope;
    const called = this.functions.get(functionKey(node.domain, node.op));
    if (called) {
      if (scope.depth > 64) {
        throw new RampartError({
          code: 'bad-model',
          message: `The function that ${describe(node)} calls calls itself.`,
        });
      }
      const body = instantiate(called, node, builder);
      this.nodes(body, called.opsets.get('') ?? opset, { ...scope, depth: scope.depth + 1 });
      return;
    }
    if (node.domain === '' && node.op === 'Constant') {
      const value = constantValue(node);
      if (!node.outputs[0]) return;
      // A graph of constants alone needs a node to run.
      if (value && !scope.outputs.has(node.outputs[0])) {
        builder.initializer(node.outputs[0], value);
        constants.set(node.outputs[0], value);
        return;
      }
    }
    if (node.domain === '' && node.op === 'If' && this.branch(node, opset, scope)) return;
    if (sequences.rewrite(node)) return;
    sequences.makeFor(node);
    const inner = this.subgraphs(node, opset, scope);
    ranks.add(inner);
    const upgrade = UPGRADES[inner.domain === '' ? inner.op : `${inner.domain}.${inner.op}`];
    if (!upgrade || opset >= upgrade.below) {
      builder.append(inner);
      return;
    }
    const context: UpgradeContext = {
      builder,
      opset,
      constant: (name) => constants.get(name),
      rank: (name) => ranks.of(name),
    };
    upgrade.rewrite(inner, context);
  }

  private branch(node: Node, opset: number, scope: Scope): boolean {
    const condition = scope.constants.get(node.inputs[0] ?? '');
    if (!condition) return false;
    const taken = node.attributes[condition.data[0] ? 'then_branch' : 'else_branch'];
    if (taken?.type !== 'graph') return false;
    const body = taken.value;
    const inlined: LocalFunction = {
      domain: '',
      name: node.name || 'If',
      inputs: [],
      outputs: body.outputs.map(({ name }) => name),
      attributes: [],
      opsets: new Map(),
      nodes: body.nodes,
    };
    const renamed = new Map<string, string>();
    for (const [name, value] of body.initializers) {
      const unique = scope.builder.constant(value, name);
      renamed.set(name, unique);
      scope.constants.set(unique, value);
    }
    this.nodes(instantiate(inlined, node, scope.builder, renamed), opset, scope);
    return true;
  }

  private subgraphs(node: Node, opset: number, scope: Scope): Node {
    if (!Object.values(node.attributes).some(({ type }) => type === 'graph')) return node;
    const around = scope.builder.names();
    const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] =>
      attribute.type === 'graph'
        ? [name, { type: 'graph', value: this.graph(attribute.value, opset, around, scope.constants) }]
        : [name, attribute],
    );
    return { ...node, attributes: Object.fromEntries(attributes) };
  }
}

interface Scope {
  readonly builder: GraphBuilder;
  readonly constants: Map<string, Tensor>;
  readonly ranks: RankTable;
  readonly sequences: Sequences;
  readonly outputs: ReadonlySet<string>;
  readonly depth: number;
}

/** The value of a Constant node in any of its forms; undefined for a sparse one. */
function constantValue(node: Node): Tensor | undefined {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    switch (name) {
      case 'value':
        return attribute.type === 'tensor' ? attribute.value : undefined;
      case 'value_float':
        return attribute.type === 'float' ? float32Tensor([], [attribute.value]) : undefined;
      case 'value_floats':
        return attribute.type === 'floats' ? float32Tensor([attribute.value.length], attribute.value) : undefined;
      case 'value_int':
        return attribute.type === 'int' ? int64Tensor([], [attribute.value]) : undefined;
      case 'value_ints':
        return attribute.type === 'ints' ? int64Tensor([attribute.value.length], attribute.value) : undefined;
      case 'value_string':
        return attribute.type === 'string' ? tensor('string', [], [attribute.value]) : undefined;
      case 'value_strings':
        return attribute.type === 'strings' ? tensor('string', [attribute.value.length], attribute.value) : undefined;
      default:
    }
  }
  return undefined;
}

/** The condition constants that make branches known, as probing finds them. */
export function withKnownConditions(model: Model, conditions: ReadonlyMap<string, boolean>): Model {
  if (conditions.size === 0) return model;
  const initializers = new Map(model.graph.initializers);
  const replaced = new Map<string, string>();
  for (const [name, value] of conditions) {
    const constant = `${name}_known`;
    initializers.set(constant, boolTensor([], [value]));
    replaced.set(name, constant);
  }
  const nodes = model.graph.nodes.map((node) =>
    node.op === 'If' && replaced.has(node.inputs[0]!) ? { ...node, inputs: [replaced.get(node.inputs[0]!)!] } : node,
  );
  return normalise({ ...model, graph: { ...model.graph, initializers, nodes } });
}
