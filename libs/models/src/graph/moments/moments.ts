import { RampartError } from '@rampart/core';
import {
  type Graph,
  GraphBuilder,
  type Model,
  type Node,
  normalise,
  probe,
  readModel,
  scalar,
  writeModel,
} from '@rampart/onnx';

import type { Moments } from './gaussian';
import { MOMENT_RULES } from './rules';

/**
 * A model that is given each image as the mean of Gaussian noise around it, and passes mean and variance of every value
 * on (Jin, Dundar and Culurciello 2015): its answer is the mean of the logits. The weights keep their names.
 * @param file a model of the own form: input `input` [batch, channels, height, width], output `logits` [batch, classes]
 * @param sigma standard deviation of the noise, in the units of the model's input
 * @returns the same form
 * @throws RampartError `bad-model` where an operator on the way to the logits has no rule for variances
 */
export async function momentModel(file: Uint8Array, sigma: number): Promise<Uint8Array> {
  const model = normalise(readModel(file));
  const types = await probe(model);
  const { graph } = types.model;
  const logits = graph.outputs.find(({ name }) => name === LOGITS)!;
  const input = graph.inputs[0]!.name;
  const nodes = nodesBefore(graph, LOGITS);
  checkRules(nodes, input);

  const builder = new GraphBuilder(
    { ...graph, outputs: [], nodes: [] },
    { reserved: [logits.name, ...nodes.flatMap(({ outputs }) => outputs)] },
  );
  // Of the image's shape.
  const none = builder.node('Sub', [input, input]);
  const variance = builder.node('Add', [none, builder.constant(scalar(sigma ** 2))]);
  const random = new Map<string, Moments>([[input, { mean: input, variance }]]);
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => random.get(name));
    if (!inputs.some((moments) => moments)) {
      builder.append(node);
      continue;
    }
    const made = MOMENT_RULES[node.op]?.({ builder, node, types, inputs });
    if (!made) throw noRule(node);
    random.set(node.outputs[0]!, made);
  }
  builder.node('Identity', [random.get(logits.name)!.mean], {}, { outputs: [logits.name] });
  builder.output(logits.name, 'float32', logits.dims);
  const metadata = new Map(model.metadata);
  metadata.delete('rampart.architecture');
  const whole: Model = { ...types.model, metadata, graph: builder.build(graph.name) };
  return writeModel(whole);
}

const LOGITS = 'logits';

/** That every operator on the way to a model's logits has a rule. @throws RampartError `bad-model` that names the first without */
export function checkMoments(file: Uint8Array): void {
  const { graph } = normalise(readModel(file));
  checkRules(nodesBefore(graph, LOGITS), graph.inputs[0]!.name);
}

function checkRules(nodes: readonly Node[], input: string): void {
  const random = new Set([input]);
  for (const node of nodes) {
    if (!node.inputs.some((name) => random.has(name))) continue;
    if (node.domain !== '' || MOMENT_RULES[node.op] === undefined) throw noRule(node);
    for (const output of node.outputs) random.add(output);
  }
}

/** The nodes that a value depends on. */
function nodesBefore({ nodes }: Graph, output: string): readonly Node[] {
  const needed = new Set([output]);
  for (const { inputs, outputs } of nodes.toReversed()) {
    if (outputs.some((name) => needed.has(name))) for (const input of inputs) needed.add(input);
  }
  return nodes.filter(({ outputs }) => outputs.some((name) => needed.has(name)));
}

function noRule({ op, domain, outputs }: Node): RampartError {
  const what = domain === '' ? op : `${domain}.${op}`;
  return new RampartError({
    code: 'bad-model',
    message: `The operator ${what}, which makes "${outputs[0]}", has no rule for the variance of what it is given here. Expected a network of ${Object.keys(MOMENT_RULES).join(', ')}. Choose another defense, such as stability-training.`,
  });
}
