import { RampartError, unknownName } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model, type ValueTypes, withOutputs } from '@rampart/onnx';

import { rowsOf } from './head';
import type { PreparedModel } from './prepare';

/** A value of a model that has a row of numbers for every sample. */
export interface InnerLayer {
  readonly name: string;
  /** Numbers of one sample. */
  readonly size: number;
  readonly type: string;
  readonly rank: number;
}

/** What multiplies values with weights. */
const LINEAR = new Set(['Gemm', 'MatMul', 'Conv']);

/**
 * Finds an inner layer.
 * @param name the name of a value; the input of the last linear layer before the logits where nothing is said
 * @throws RampartError `usage` where the model has no such value
 */
export function findLayer(prepared: PreparedModel, name?: string): InnerLayer {
  const layers = layersOf(prepared.types, prepared.batch);
  const wanted = name ?? lastLinearInput(prepared, layers);
  const found = wanted === undefined ? undefined : layers.get(wanted);
  if (found) return found;
  if (wanted !== undefined) throw unknownName('inner layer', wanted, [...layers.keys()]);
  throw new RampartError({
    code: 'usage',
    message: `The model has no linear layer whose input could be taken. Name a value. Known: ${[...layers.keys()].join(', ')}.`,
  });
}

/** The values whose first dimension counts the samples. */
function layersOf({ values, fixed, constants }: ValueTypes, batch: number | undefined): Map<string, InnerLayer> {
  const layers = new Map<string, InnerLayer>();
  for (const [name, { type, dims }] of values) {
    const [count, ...row] = dims;
    if (count !== (batch ?? 'batch') || fixed.has(name) || constants.has(name) || !type.startsWith('float')) continue;
    const size = row.reduce<number>((product, dim) => product * Number(dim), 1);
    if (size > 0) layers.set(name, { name, size, type, rank: dims.length });
  }
  return layers;
}

function lastLinearInput(
  { model, logits, types }: PreparedModel,
  layers: ReadonlyMap<string, InnerLayer>,
): string | undefined {
  const needed = new Set([logits]);
  for (const { op, domain, inputs, outputs } of model.graph.nodes.toReversed()) {
    if (!outputs.some((output) => needed.has(output))) continue;
    for (const name of inputs) needed.add(name);
    // Probing has not seen what the head of a model with one output is made of.
    if (domain !== '' || !LINEAR.has(op) || !types.values.has(outputs[0]!)) continue;
    const input = inputs.find((name) => layers.has(name));
    if (input !== undefined) return input;
  }
  return undefined;
}

/** The model whose one output has the layer's values, a row a sample. */
export function layerModel({ model }: PreparedModel, layer: InnerLayer): Model {
  const builder = new GraphBuilder(model.graph);
  const rows = rowsOf(builder, layer.name, layer);
  return withOutputs({ ...model, graph: builder.build(model.graph.name) }, [rows]);
}

/** A model with the squared distance of a layer's values from given ones. */
export interface WithDistance {
  readonly model: Model;
  /** The layer's values, a row a sample. */
  readonly rows: string;
  /** The input of the same shape. */
  readonly guides: string;
  readonly losses: string;
  /** The distances differentiated with respect to the rows. */
  readonly slopes: string;
}

export function squaredDistance(model: Model, layer: InnerLayer, samples: number | string): WithDistance {
  const builder = new GraphBuilder(model.graph);
  const guides = builder.input(builder.reserve('guides'), 'float32', [samples, layer.size]);
  const rows = rowsOf(builder, layer.name, layer);
  const apart = builder.node('Sub', [rows, guides]);
  const column = builder.constant(float32Tensor([layer.size, 1], new Array<number>(layer.size).fill(1)));
  const losses = builder.node('MatMul', [builder.node('Mul', [apart, apart]), column]);
  const slopes = builder.node('Add', [apart, apart]);
  return { model: { ...model, graph: builder.build(model.graph.name) }, rows, guides, losses, slopes };
}
