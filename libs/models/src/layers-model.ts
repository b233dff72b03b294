import type { LayersModel } from '@tensorflow/tfjs-layers';

import { type ComponentSpec, type ImageShape, parseComponent, type PixelBox, RampartError, Rng } from '@rampart/core';
import { float32Tensor, type Model, readModel, writeModel } from '@rampart/onnx';

import { architectures } from './architectures';
import { readyTfjs, type Tfjs } from './backend';
import { exportGraph } from './export/export-graph';
import type { WeightBinding } from './export/layer-rule';
import { inverse, permuted } from './export/permutation';
import { type ModelCard, readCard, writeCard } from './model-card';

/** What an initial model is made for. */
export interface CreateModelOptions {
  readonly shape: ImageShape;
  readonly classes: number;
  readonly box: PixelBox;
  readonly rng: Rng;
}

/** Every operator that the export writes exists in its present form from this version on. */
const OPSETS: ReadonlyMap<string, number> = new Map([['', 17]]);
const IR_VERSION = 8;

/**
 * The initial ONNX file of an architecture. Equal arguments give equal bytes.
 * @param spec `lenet5`, `lenet5(conv1=16)`, or its parsed form
 * @throws RampartError `usage` for an unknown architecture, a bad parameter, or an image that is too small
 */
export async function createModel(spec: string | ComponentSpec, options: CreateModelOptions): Promise<Uint8Array> {
  const architecture = architectures.resolve(typeof spec === 'string' ? parseComponent(spec) : spec);
  await readyTfjs();
  const model = await architecture.definition.build(architecture.params, options);
  try {
    return exportLayersModel(model, { ...options, architecture: architecture.spec });
  } finally {
    model.dispose();
  }
}

/**
 * Writes a tfjs model as an ONNX file: input `input` [batch, channels, height, width], output `logits`
 * [batch, classes], and `reconstruction` [batch, channels, height, width] where the model has a layer of that name.
 * @param card what the file says about itself
 * @throws RampartError `bad-model` for a layer that has no translation
 */
export function exportLayersModel(model: LayersModel, card: ModelCard): Uint8Array {
  const { graph } = exportGraph(model);
  return writeModel({
    irVersion: IR_VERSION,
    opsets: OPSETS,
    producer: 'rampart',
    metadata: writeCard(card),
    graph,
    functions: [],
  });
}

/** A tfjs model that was read from an ONNX file. */
export interface ReadLayersModel {
  readonly model: LayersModel;
  readonly card: ModelCard;
  /** The names, in the file, of the model's outputs, in their order. */
  readonly outputs: readonly string[];
  /** The file with the model's weights as they are now; names and metadata stay. */
  write(): Uint8Array;
}

/**
 * Rebuilds the tfjs model of a file that `createModel` or `exportLayersModel` wrote, with the file's weights.
 * The caller disposes it.
 * @throws RampartError `bad-model` when the file names no architecture or its weights are not that architecture's
 */
export async function toLayersModel(bytes: Uint8Array): Promise<ReadLayersModel> {
  const file = readModel(bytes);
  const card = requireCard(file);
  const architecture = architectures.resolve(card.architecture);
  const tf = await readyTfjs();
  // The file's weights replace whatever this generator draws.
  const model = await architecture.definition.build(architecture.params, { ...card, rng: Rng.root('replaced') });
  const { graph, weights } = exportGraph(model);
  for (const binding of weights) setWeight(tf, binding, file);
  return {
    model,
    card,
    outputs: graph.outputs.map(({ name }) => name),
    write: () => writeModel(withWeights(file, weights)),
  };
}

function withWeights(file: Model, weights: readonly WeightBinding[]): Model {
  const initializers = new Map(file.graph.initializers);
  for (const { name, variable, dims, order } of weights) {
    initializers.set(name, float32Tensor(dims, permuted(variable.read().dataSync() as Float32Array, order)));
  }
  return { ...file, graph: { ...file.graph, initializers } };
}

function requireCard(file: Model): ModelCard & { readonly architecture: ComponentSpec } {
  const { architecture, shape, classes, box } = readCard(file.metadata);
  if (!architecture || !shape || !classes || !box) {
    throw new RampartError({
      code: 'bad-model',
      message:
        'Expected a model file with the metadata entries rampart.architecture, rampart.shape, rampart.classes and rampart.box, from which its tfjs-layers form is rebuilt. This file lacks some of them; the "onnx" engine works on it as it is.',
    });
  }
  return { architecture, shape, classes, box };
}

function setWeight(tf: Tfjs, { name, variable, dims, order }: WeightBinding, file: Model): void {
  const tensor = file.graph.initializers.get(name);
  if (!tensor || tensor.type !== 'float32' || tensor.dims.join() !== dims.join()) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected an initializer "${name}" of float32 [${dims.join(', ')}], as the architecture that the file names has it. Received: ${tensor ? `${tensor.type} [${tensor.dims.join(', ')}]` : 'none'}.`,
    });
  }
  const values = permuted(tensor.data as Float32Array, order && inverse(order));
  const value = tf.tensor(values, variable.shape as number[], 'float32');
  variable.write(value);
  value.dispose();
}
