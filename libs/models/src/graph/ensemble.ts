import { RampartError } from '@rampart/core';
import { type Graph, GraphBuilder, type Model, normalise, readModel, scalar, writeModel } from '@rampart/onnx';

import { type ModelCard, readCard, writeCard } from '../model-card';
import { renameValues, valueNames } from './compose';

const INPUT = 'input';
const LOGITS = 'logits';

/**
 * One graph of several models, which answers by the mean of their logits or by the logarithm of the part of them that
 * each class wins.
 * @param files models of the own form, with the same images and classes
 * @returns the same form
 * @throws RampartError `bad-model` where their images or classes differ
 */
export function ensembleOf(files: readonly Uint8Array[], answer: 'mean' | 'vote'): Uint8Array {
  const models = files.map((file) => normalise(readModel(file)));
  const cards = models.map(({ metadata }) => readCard(metadata));
  const sizes = cards.map(({ shape, classes }) => `${String(shape?.dims ?? shape?.channels)} ${classes}`);
  const first = models[0]!;
  if (new Set(sizes).size > 1) {
    throw new RampartError({
      code: 'bad-model',
      message:
        'Expected members of an ensemble that take the same samples and tell the same classes apart. Choose others.',
    });
  }
  const members = models.map(({ graph }, index) => asMember(graph, index));
  const builder = new GraphBuilder({
    name: 'ensemble',
    inputs: [{ ...first.graph.inputs[0]!, name: INPUT }],
    outputs: [],
    initializers: new Map(members.flatMap(({ initializers }) => [...initializers])),
    nodes: members.flatMap(({ nodes }) => nodes),
  });
  const answers = members.map(({ outputs: [logits] }) =>
    answer === 'mean' ? logits!.name : builder.node('Hardmax', [logits!.name], { axis: -1 }),
  );
  const share = builder.node('Div', [builder.node('Sum', answers), builder.constant(scalar(files.length))]);
  if (answer === 'mean') builder.node('Identity', [share], {}, { outputs: [LOGITS] });
  else {
    // A class that wins none stays finite.
    const counted = builder.node('Add', [share, builder.constant(scalar(0.5 / files.length))]);
    builder.node('Log', [counted], {}, { outputs: [LOGITS] });
  }
  builder.output(LOGITS, 'float32', first.graph.outputs.find(({ name }) => name === LOGITS)?.dims);
  const whole: Model = {
    ...first,
    irVersion: Math.max(...models.map(({ irVersion }) => irVersion)),
    opsets: new Map([
      ...models.flatMap(({ opsets }) => [...opsets]),
      ['', Math.max(...models.map(({ opsets }) => opsets.get('') ?? 0))],
    ]),
    metadata: writeCard({ ...(cards[0] as ModelCard), architecture: undefined }),
    graph: builder.build('ensemble'),
    functions: [],
  };
  return writeModel(whole);
}

/** A member's graph with names of its own, except for the input, and its logits as the only output. */
function asMember(graph: Graph, index: number): Graph {
  const input = graph.inputs[0]!.name;
  const own = (name: string) => (name === input ? INPUT : `member${index + 1}/${name}`);
  const named = renameValues(graph, new Map([...valueNames(graph)].map((name) => [name, own(name)])));
  const outputs = named.outputs.filter(({ name }) => name === own(LOGITS));
  return { ...named, outputs, nodes: named.nodes.map((node) => ({ ...node, name: '' })) };
}
