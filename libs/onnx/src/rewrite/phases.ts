import { intOf, intsOf, stringOf } from '../graph/attribute';
import { GraphBuilder } from '../graph/builder';
import type { Model, Node, Tensor } from '../graph/ir';
import { usedBy } from '../graph/outputs';
import { float32Tensor, int64Vector } from '../graph/tensor';
import type { ValueTypes } from '../graph/value-types';
import { BLOCK, isSmall } from './costs';

/** Channels of an image: where there are more, the wider filters cost more than they save. */
const MOST_CHANNELS = 4;

/** Filters smaller than this grow by too much. */
const SMALLEST = 3;

/** A convolution whose results are pooled two by two, and how. */
interface Pooled {
  readonly conv: Node;
  readonly relu: Node | undefined;
  readonly pool: Node;
  readonly filters: Tensor;
  readonly bias: Tensor | undefined;
}

export interface PhasesOptions {
  /** Whether weights get other values than they have in the file: then operators of the graph arrange them. */
  readonly weightsChange?: boolean;
}

/**
 * Rewrites convolutions of images that are pooled two by two. In steps of two, with filters that are one row and one
 * column wider, a convolution makes the four places of each window as channels of their own: all first places, all
 * second ones, and so on (its polyphase form). The maximum or mean of a window is then that of four values side by
 * side, and its gradient needs no places in windows; the values are the same. With ONNX Runtime 1.30 a gradient through
 * such a stage takes two thirds to nine tenths of the time.
 * @param types what probing has told about the model
 */
export function inPhases(model: Model, types: ValueTypes, { weightsChange = false }: PhasesOptions = {}): Model {
  const { graph } = model;
  const found = graph.nodes.flatMap((node) => pooledConv(node, model, types) ?? []);
  if (found.length === 0) return model;
  const dropped = new Set(found.flatMap(({ conv, relu }) => [conv, ...(relu ? [relu] : [])]));
  const builder = new GraphBuilder(
    { ...graph, nodes: [] },
    { reserved: graph.nodes.flatMap(({ outputs }) => outputs) },
  );
  for (const node of graph.nodes) {
    if (dropped.has(node)) continue;
    const pooled = found.find(({ pool }) => pool === node);
    if (pooled) append(builder, pooled, weightsChange ? arranged(builder, pooled) : constants(builder, pooled));
    else builder.append(node);
  }
  return { ...model, graph: builder.build(graph.name) };
}

function pooledConv(pool: Node, { graph }: Model, types: ValueTypes): Pooled | undefined {
  const isMax = pool.op === 'MaxPool';
  if (pool.domain !== '' || !(isMax || pool.op === 'AveragePool') || pool.outputs.length !== 1) return undefined;
  const users = (name: string) => graph.nodes.filter((node) => [...usedBy(node)].includes(name)).length;
  /** What makes a value that nothing else uses. */
  const maker = (name: string) =>
    users(name) === 1 && !graph.outputs.some((output) => output.name === name)
      ? graph.nodes.find(({ outputs, domain }) => outputs[0] === name && domain === '')
      : undefined;
  const last = maker(pool.inputs[0]!);
  const relu = last?.op === 'Relu' ? last : undefined;
  const conv = relu ? maker(relu.inputs[0]!) : last;
  if (conv?.op !== 'Conv' || !halvesInPairs(pool, types) || isSmall(types.values.get(pool.inputs[0]!)!.dims)) {
    return undefined;
  }
  const [filters, bias] = conv.inputs.slice(1).map((name) => graph.initializers.get(name));
  if (filters?.type !== 'float32' || (conv.inputs.length > 2 && !bias)) return undefined;
  const [count = 0, channels = 0, ...kernel] = filters.dims;
  if (!isPlain(conv, kernel) || channels > MOST_CHANNELS) return undefined;
  // Averages of channels that fill blocks have a fast form of their own.
  if (!isMax && (!relu || count % BLOCK === 0)) return undefined;
  return { conv, relu, pool, filters, bias };
}

/** True for windows of 2 x 2 side by side that leave nothing out. */
function halvesInPairs(pool: Node, types: ValueTypes): boolean {
  const [before, after] = [pool.inputs[0]!, pool.outputs[0]!].map(
    (name) => types.values.get(name)?.dims.slice(2) ?? [],
  );
  const all = (name: string, value: number) => (intsOf(pool, name) ?? []).every((item) => item === value);
  return (
    (intsOf(pool, 'kernel_shape') ?? []).length === 2 &&
    all('kernel_shape', 2) &&
    intsOf(pool, 'strides')?.length === 2 &&
    all('strides', 2) &&
    all('dilations', 1) &&
    all('pads', 0) &&
    before!.every((size, i) => typeof size === 'number' && size > 0 && size === 2 * Number(after![i]))
  );
}

function isPlain(conv: Node, kernel: readonly number[]): boolean {
  const ones = (name: string) => (intsOf(conv, name) ?? []).every((item) => item === 1);
  const mode = stringOf(conv, 'auto_pad', 'NOTSET');
  return (
    kernel.length === 2 &&
    kernel.every((size) => size >= SMALLEST) &&
    intOf(conv, 'group', 1) === 1 &&
    ones('strides') &&
    ones('dilations') &&
    ['NOTSET', 'VALID', ''].includes(mode)
  );
}

/** @param weights the filters in their four places, and the bias four times if there is one */
function append(builder: GraphBuilder, { conv, relu, pool, filters }: Pooled, weights: readonly string[]): void {
  const inputs = [conv.inputs[0]!, ...weights];
  const pads = intsOf(conv, 'pads');
  const attributes = { kernel_shape: filters.dims.slice(2).map((size) => size + 1), strides: [2, 2] };
  const values = builder.node('Conv', inputs, { ...attributes, ...(pads && { pads }) });
  const split = (value: string) => builder.node('Split', [value], { axis: 1, num_outputs: 4 }, { outputs: 4 });
  if (pool.op === 'AveragePool') {
    builder.node('Mean', split(builder.node('Relu', [values])), {}, { outputs: pool.outputs });
  } else if (relu) {
    // The largest of what Relu makes is what Relu makes of the largest, and there are fewer of those.
    builder.node('Relu', [builder.node('Max', split(values))], {}, { outputs: pool.outputs });
  } else {
    builder.node('Max', split(values), {}, { outputs: pool.outputs });
  }
}

function constants(builder: GraphBuilder, { filters, bias }: Pooled): string[] {
  return [inFourPlaces(filters), ...(bias ? [fourTimes(bias)] : [])].map((weight) => builder.constant(weight));
}

/** The same as operators. */
function arranged(builder: GraphBuilder, { conv }: Pooled): string[] {
  const [filters, bias] = conv.inputs.slice(1);
  const places = [0, 1, 2, 3].map((place) => {
    const [top, left] = [Math.floor(place / 2), place % 2];
    return builder.node('Pad', [filters!, builder.constant(int64Vector([0, 0, top, left, 0, 0, 1 - top, 1 - left]))]);
  });
  const join = (values: readonly string[]) => builder.node('Concat', values, { axis: 0 });
  return [join(places), ...(bias ? [join([bias, bias, bias, bias])] : [])];
}

/** Filters [M, C, h, w] as [4 M, C, h + 1, w + 1]: at the top left, top right, bottom left and bottom right. */
function inFourPlaces({ dims, data }: Tensor): Tensor {
  const [count, channels, height, width] = dims as [number, number, number, number];
  const planes = count * channels;
  const [tall, wide] = [height + 1, width + 1];
  const placed = new Float32Array(4 * planes * tall * wide);
  for (let place = 0; place < 4; place++) {
    for (let plane = 0; plane < planes; plane++) {
      for (let row = 0; row < height; row++) {
        const to = ((place * planes + plane) * tall + row + Math.floor(place / 2)) * wide + (place % 2);
        const from = (plane * height + row) * width;
        for (let column = 0; column < width; column++) placed[to + column] = Number(data[from + column]);
      }
    }
  }
  return float32Tensor([4 * count, channels, tall, wide], placed);
}

function fourTimes({ dims, data }: Tensor): Tensor {
  const values = Array.from(data, Number);
  return float32Tensor([4 * dims[0]!], [...values, ...values, ...values, ...values]);
}
