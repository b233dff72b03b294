import type { LayerVariable, SymbolicTensor } from '@tensorflow/tfjs-layers';

import { RampartError } from '@rampart/core';
import { float32Tensor, type GraphBuilder } from '@rampart/onnx';

import { type Permutation, permuted } from './permutation';

export type Layer = SymbolicTensor['sourceLayer'];

/**
 * A tensor on its way from tfjs to ONNX. Images are [batch, channels, height, width] in the graph whatever
 * `shape`, which is tfjs's, says.
 */
export interface ExportedValue {
  /** Its name in the ONNX graph. */
  readonly name: string;
  /** tfjs's shape, without the batch. */
  readonly shape: readonly number[];
  /** For flattened images: the feature of tfjs that stands at each position in the graph. Undefined: the same. */
  readonly order?: Permutation;
}

/** Where a weight of a tfjs model is in the ONNX file. */
export interface WeightBinding {
  /** Name of the initializer. */
  readonly name: string;
  readonly variable: LayerVariable;
  /** The initializer's dimensions. */
  readonly dims: readonly number[];
  /** The element of the tfjs weight that stands at each position of the initializer. Undefined: the same. */
  readonly order: Permutation | undefined;
}

/** What a rule needs to export one layer. */
export class LayerContext {
  readonly config: Readonly<Record<string, unknown>>;

  constructor(
    readonly layer: Layer,
    readonly graph: GraphBuilder,
    private readonly weights: Map<string, WeightBinding>,
    private readonly prefix = '',
  ) {
    this.config = layer.getConfig();
  }

  /** A configuration entry that is a number. */
  number(key: string): number {
    return Number(this.config[key]);
  }

  /** A configuration entry that is a pair, such as `strides`. */
  pair(key: string): readonly [number, number] {
    const value = this.config[key];
    return Array.isArray(value) ? [Number(value[0]), Number(value[1])] : [Number(value), Number(value)];
  }

  /** The initializer of the layer's weight at `index`. */
  weight(index: number, suffix: string, dims: readonly number[], order?: Permutation): string {
    const variable = this.layer.weights[index];
    if (!variable) throw this.unsupported(`it has no weight ${index} (${suffix})`);
    const name = `${this.prefix}${this.layer.name}/${suffix}`;
    const known = this.weights.get(name);
    if (known) {
      // A layer that is applied twice has its weights once.
      if (known.variable === variable && known.order?.join() === order?.join()) return name;
      throw this.unsupported('another layer has its name, or it reads images flattened in different orders');
    }
    this.weights.set(name, { name, variable, dims, order });
    // dataSync, because every backend that this runs on keeps its tensors in main memory.
    const values = permuted(variable.read().dataSync() as Float32Array, order);
    return this.graph.initializer(name, float32Tensor(dims, values));
  }

  constant(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.graph.constant(float32Tensor(dims, Float32Array.from(values)));
  }

  unsupported(reason: string): RampartError {
    return new RampartError({
      code: 'bad-model',
      message: `Layer "${this.layer.name}" (${this.layer.getClassName()}) cannot be exported to ONNX: ${reason}.`,
    });
  }

  /** @throws RampartError `bad-model` unless the layer keeps its channels last, as tfjs does by default. */
  requireChannelsLast(): void {
    const format = this.config['dataFormat'] ?? 'channelsLast';
    if (format !== 'channelsLast' && format !== 'channels_last') {
      throw this.unsupported(`its dataFormat is ${String(format)}, expected channelsLast`);
    }
  }

  /** The height, width and channels of an image. */
  imageShape(value: ExportedValue): readonly [height: number, width: number, channels: number] {
    const [height, width, channels] = value.shape;
    if (value.shape.length !== 3 || !height || !width || !channels) {
      throw this.unsupported(`expected an image of known size as input, received shape [${value.shape.join(', ')}]`);
    }
    return [height, width, channels];
  }
}

/** The value that a rule makes; its shape is the layer's own. */
export type RuleResult = Omit<ExportedValue, 'shape'>;

/** Turns a layer into nodes. */
export type LayerRule = (inputs: readonly ExportedValue[], context: LayerContext) => RuleResult;

/** A rule for a layer with one input. */
export function unary(rule: (input: ExportedValue, context: LayerContext) => RuleResult): LayerRule {
  return ([input], context) => {
    if (!input) throw context.unsupported('it has no input');
    return rule(input, context);
  };
}
