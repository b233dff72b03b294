import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';

import { RampartError, unknownName } from '@rampart/core';
import { type Graph, GraphBuilder } from '@rampart/onnx';

import { type ExportedValue, LayerContext, type LayerRule, type WeightBinding } from './layer-rule';
import { activationRules } from './rules/activation';
import { arithmeticRules } from './rules/arithmetic';
import { convolutionRules } from './rules/convolution';
import { denseRules } from './rules/dense';
import { poolingRules } from './rules/pooling';
import { inTfjsOrder, shapeRules } from './rules/shape';

/** By tfjs's class names. */
const RULES: ReadonlyMap<string, LayerRule> = new Map(
  [convolutionRules, poolingRules, denseRules, activationRules, shapeRules, arithmeticRules].flatMap((rules) =>
    Object.entries(rules),
  ),
);

/** A tfjs model as a graph, and where each of its weights went. */
export interface ExportedGraph {
  readonly graph: Graph;
  readonly weights: readonly WeightBinding[];
}

/**
 * Translates a tfjs model into a graph with the input `input`, [batch, channels, height, width], and an output for
 * each of the model's: named as its layer, or `logits` where there is only one that is no image.
 * @throws RampartError `bad-model` for a layer that has no translation
 */
export function exportGraph(model: LayersModel): ExportedGraph {
  const [input] = model.inputs;
  if (model.inputs.length !== 1 || !input) {
    throw refused(model, `it has ${model.inputs.length} inputs, expected 1`);
  }
  const names = outputNames(model);
  const builder = new GraphBuilder(undefined, { reserved: names });
  const weights = new Map<string, WeightBinding>();
  const shape = sizesOf(input);
  const [height, width, channels] = shape;
  const dims = shape.length === 3 ? [channels, height, width] : shape;
  builder.input('input', 'float32', ['batch', ...dims]);

  const walk = new Walk(builder, weights, '', new Map([[input.id, { name: 'input', shape }]]));
  model.outputs.forEach((output, index) => {
    const value = walk.valueOf(output);
    const image = value.shape.length === 3;
    const [outputHeight, outputWidth, outputChannels] = value.shape;
    const source = image ? value.name : inTfjsOrder(value, builder);
    const name = names[index]!;
    builder.node('Identity', [source], {}, { outputs: [name] });
    const outputDims = image ? [outputChannels, outputHeight, outputWidth] : value.shape;
    builder.output(name, 'float32', ['batch', ...outputDims]);
  });
  return { graph: builder.build(model.name), weights: [...weights.values()] };
}

/** Walks from outputs to inputs; every tensor is exported once. */
class Walk {
  constructor(
    private readonly builder: GraphBuilder,
    private readonly weights: Map<string, WeightBinding>,
    private readonly prefix: string,
    private readonly values: Map<number, ExportedValue>,
  ) {}

  valueOf(tensor: SymbolicTensor): ExportedValue {
    const known = this.values.get(tensor.id);
    if (known) return known;
    const value = this.export(tensor);
    this.values.set(tensor.id, value);
    return value;
  }

  private export(tensor: SymbolicTensor): ExportedValue {
    const layer = tensor.sourceLayer;
    const inputs = tensor.inputs.map((input) => this.valueOf(input));
    if (isModel(layer)) return this.exportNested(layer, tensor, inputs);
    const rule = RULES.get(layer.getClassName());
    const context = new LayerContext(layer, this.builder, this.weights, this.prefix);
    if (!rule) {
      const known = unknownName('layer class', layer.getClassName(), [...RULES.keys()].sort());
      throw context.unsupported(`there is no rule for it. ${known.message.replace(/\.$/, '')}`);
    }
    return { ...rule(inputs, context), shape: sizesOf(tensor) };
  }

  private exportNested(model: LayersModel, tensor: SymbolicTensor, inputs: readonly ExportedValue[]): ExportedValue {
    const values = new Map(model.inputs.map((inner, index) => [inner.id, inputs[index]!]));
    const output = model.outputs[tensor.outputTensorIndex ?? 0]!;
    return new Walk(this.builder, this.weights, `${this.prefix}${model.name}/`, values).valueOf(output);
  }
}

function isModel(layer: unknown): layer is LayersModel {
  return layer !== null && typeof layer === 'object' && 'inputLayers' in layer && 'outputs' in layer;
}

/** The sizes of a tensor without its batch; an unknown one is 0, which a rule that needs it refuses. */
function sizesOf(tensor: SymbolicTensor): number[] {
  return tensor.shape.slice(1).map((size) => size ?? 0);
}

function outputNames(model: LayersModel): readonly string[] {
  const [only] = model.outputs;
  const names = model.outputs.map(({ sourceLayer }) => sourceLayer.name);
  if (model.outputs.length === 1 && only?.rank === 2) return ['logits'];
  if (new Set(names).size === names.length && !names.includes('input')) return names;
  throw refused(model, `its outputs are named ${names.join(', ')}: give their layers names that differ`);
}

function refused(model: LayersModel, reason: string): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Model "${model.name}" cannot be exported to ONNX: ${reason}.`,
  });
}
