import { RampartError } from '@rampart/core';
import {
  type Graph,
  type Model,
  normalise,
  numericTensor,
  readModel,
  type Tensor,
  toNumbers,
  type ValueInfo,
  withOutputs,
  writeModel,
} from '@rampart/onnx';

import { type PreparedModel, prepareModel, type PrepareOptions } from './classifier/prepare';
import { inversePreprocessGraph, preprocessGraph } from './classifier/preprocess';
import { compose, renameValues, valueNames } from './graph/compose';
import { withWeights } from './graph/weights';
import { writeCard } from './model-card';

const INPUT = 'input';
const LOGITS = 'logits';
const RECONSTRUCTION = 'reconstruction';

/**
 * A swapped-in file in the form of the own models, for whatever works on those: input `input` of images in their box,
 * output `logits`, a card in the metadata. The preprocessing is part of it; weights keep their names.
 * @throws RampartError `bad-model` when it is no classifier of images of this shape
 */
export async function adoptModel(file: Uint8Array | Model, options: PrepareOptions = {}): Promise<Uint8Array> {
  return writeModel(adoptPrepared(await prepareModel(file, options)));
}

/** The same for a file that has been prepared, not yet written. */
export function adoptPrepared({ model, input, shape, box, batch, classes, rejection, ...head }: PreparedModel): Model {
  // What may reject samples keeps its column for that.
  const [logits, columns] = rejection ? [rejection.scores, classes + 1] : [head.logits, classes];
  const lean = withOutputs(model, [logits]);
  const wanted = new Map([
    [input, INPUT],
    [logits, LOGITS],
  ]);
  const graph = renameValues(lean.graph, withoutClashes(lean.graph, wanted));
  const dims: ValueInfo['dims'] = [batch ?? 'batch', columns];
  const metadata = new Map([...model.metadata, ...writeCard({ architecture: undefined, shape, box, classes })]);
  metadata.delete('rampart.architecture');
  return { ...lean, metadata, graph: { ...graph, outputs: [{ name: LOGITS, type: 'float32', dims }] } };
}

export interface RestoreOptions extends PrepareOptions {
  /** Entries to add to the file's metadata: where it comes from. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The way back from `adoptModel`: the original file with the weights of a model that was adopted from it and then
 * trained, in the float types that it has them in. Its input, outputs and metadata are the original's. If an autoencoder was put in front of the adopted
 * model, it is put in front of the original, between its preprocessing undone and done again.
 * @param options those that the original was adopted with
 * @throws RampartError `bad-model` when the hardened model shares no weight with the original
 */
export async function restoreModel(
  original: Uint8Array | Model,
  hardened: Uint8Array,
  options: RestoreOptions = {},
): Promise<Uint8Array> {
  const file = original instanceof Uint8Array ? readModel(original) : original;
  const trained = normalise(readModel(hardened));
  const weights = commonWeights(file, trained);
  const front = hasFront(trained, file);
  if (weights.size === 0 && !front) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected a model with the weights of the original file. Received one that has none of them; its initializers: ${[...trained.graph.initializers.keys()].slice(0, 8).join(', ') || 'none'}.`,
    });
  }
  const restored = weights.size === 0 ? file : withWeights(file, weights);
  const whole = front ? await withFront(restored, trained, options) : restored;
  return writeModel({ ...whole, metadata: new Map([...file.metadata, ...Object.entries(options.metadata ?? {})]) });
}

/** The renamings, and others for values that have those names already. */
function withoutClashes(graph: Graph, wanted: ReadonlyMap<string, string>): Map<string, string> {
  const taken = valueNames(graph);
  const names = new Map<string, string>();
  for (const target of wanted.values()) {
    if (!taken.has(target) || wanted.has(target)) continue;
    let other = `${target}_original`;
    while (taken.has(other)) other += '_';
    names.set(target, other);
  }
  return new Map([...names, ...wanted]);
}

function commonWeights(original: Model, trained: Model): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const [name, { type: normal, dims }] of normalise(original).graph.initializers) {
    const after = trained.graph.initializers.get(name);
    if (after?.type !== 'float32' || after.dims.join() !== dims.join()) continue;
    const type = typeInFile(original, name) ?? normal;
    if (type === 'float32') weights.set(name, after);
    else if (type === 'float16' || type === 'bfloat16' || type === 'float64')
      weights.set(name, numericTensor(type, dims, toNumbers(after)));
  }
  return weights;
}

/** The element type that a weight has in a file, which its normal form may not keep. */
function typeInFile({ graph: { initializers, nodes } }: Model, name: string): Tensor['type'] | undefined {
  const constant = nodes.find(({ op, outputs }) => op === 'Constant' && outputs[0] === name)?.attributes['value'];
  return initializers.get(name)?.type ?? (constant?.type === 'tensor' ? constant.value.type : undefined);
}

function hasFront(trained: Model, original: Model): boolean {
  const names = (model: Model) => model.graph.outputs.map(({ name }) => name);
  return names(trained).includes(RECONSTRUCTION) && !names(original).includes(RECONSTRUCTION);
}

async function withFront(restored: Model, trained: Model, options: PrepareOptions): Promise<Model> {
  const model = normalise(restored);
  const { shape, box, layout } = await prepareModel(restored, options);
  const [input] = model.graph.inputs as [ValueInfo];
  const context = { preprocess: options.preprocess ?? {}, shape, box, layout, units: options.units };
  const front = withOutputs(trained, [RECONSTRUCTION]).graph;
  const undone = inversePreprocessGraph(input, context);
  const done = preprocessGraph(input, context);

  const parts = [undone, front, done, model.graph].filter((part) => part !== undefined);
  const graph = parts.reduce((first, second) => {
    const joined = compose(first, second, { from: first.outputs[0]!.name, to: second.inputs[0]!.name });
    return { ...joined, outputs: joined.outputs.slice(first.outputs.length) };
  });
  // Without preprocessing to undo, the autoencoder comes first and brings an input of its own name.
  const names = new Map([[graph.inputs[0]!.name, input.name]]);
  const named = renameValues(graph, withoutClashes(graph, names));
  return { ...model, opsets: newest(model, trained), graph: { ...named, inputs: [input] } };
}

function newest(a: Model, b: Model): Map<string, number> {
  const opset = Math.max(a.opsets.get('') ?? 0, b.opsets.get('') ?? 0);
  return new Map([...a.opsets, ...b.opsets]).set('', opset);
}
