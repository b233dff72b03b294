import { intOf, intsOf, stringOf } from '../../graph/attribute';
import { GraphBuilder } from '../../graph/builder';
import type { Model, Node, Tensor } from '../../graph/ir';
import { usedBy } from '../../graph/outputs';
import { float32Tensor, int64Vector } from '../../graph/tensor';
import type { ValueTypes } from '../../graph/value-types';
import { type Axis, type MinimalFiltering, TAPS } from './transforms';
import { fastestForm, type PlainConv, winogradConv } from './winograd-conv';

/** Batches of fewer images read the wider filters more slowly than they save products. */
const FEWEST_IMAGES = 4;

/** Operators that take each element by itself: what is given in another layout they give in that layout. */
const ELEMENTWISE = new Set(
  'Abs Add Clip Div Elu Erf Exp Gelu HardSigmoid HardSwish Identity LeakyRelu Max Min Mul Neg Relu Selu Sigmoid Softplus Sub Sum Tanh'.split(
    ' ',
  ),
);

/**
 * Rewrites the 3 x 3 convolutions of many channels in Winograd's form, which makes two to four times as few products,
 * and keeps what lies between them in its layout: operators on each element, and 1 x 1 convolutions, which are products
 * of matrices there. Differentiated, products of matrices make the gradient in the same form. The values are the same
 * up to rounding. With ONNX Runtime 1.30 such a convolution takes half to four fifths of the time.
 *
 * Where weights change, operators of the graph transform the filters. Their gradient then takes as few products as the
 * rest: for each product of a tile, one of matrices over all tiles of the batch.
 * @param types what probing has told about the model
 */
export function inWinogradForm(
  model: Model,
  types: ValueTypes,
  { weightsChange = false }: { readonly weightsChange?: boolean } = {},
): Model {
  if (types.batch !== undefined && types.batch < FEWEST_IMAGES) return model;
  const { graph } = model;
  const forms = new Map<Node, Form>();
  for (const node of graph.nodes) {
    const conv = convOf(node, model, types, weightsChange);
    const filtering =
      conv && conv.kernel === TAPS && conv.stride === 1 ? fastestForm(conv, { weightsChange }) : undefined;
    if (conv && filtering) forms.set(node, { ...conv, filtering });
  }
  if (forms.size === 0) return model;
  const layouts = new Layouts(model, types, weightsChange);
  for (const node of graph.nodes) {
    const form = forms.get(node);
    if (form) layouts.convolve(node, form, (builder, x) => winogradConv(builder, x, form, form.filtering));
    else layouts.append(node);
  }
  return { ...model, graph: layouts.build() };
}

/** A convolution with initializers for filters, as wide as high, one group, no dilation. */
interface Conv extends PlainConv {
  readonly kernel: number;
  readonly stride: number;
  readonly bias: string | undefined;
}

interface Form extends Conv {
  readonly filtering: MinimalFiltering;
}

function convOf(node: Node, { graph }: Model, types: ValueTypes, weightsChange: boolean): Conv | undefined {
  if (node.op !== 'Conv' || node.domain !== '') return undefined;
  const [filters, bias] = node.inputs.slice(1).map((name) => graph.initializers.get(name));
  if (filters?.type !== 'float32' || filters.dims.length !== 4 || (node.inputs.length > 2 && !bias)) return undefined;
  const [count = 0, channels = 0, tall = 0, wide = 0] = filters.dims;
  const [before, after] = [node.inputs[0]!, node.outputs[0]!].map(
    (name) => types.values.get(name)?.dims.slice(2) ?? [],
  );
  const sizes = [...before!, ...after!];
  const ones = (name: string) => (intsOf(node, name) ?? []).every((item) => item === 1);
  const [stride = 1, across = 1] = intsOf(node, 'strides') ?? [];
  const isPlain =
    tall === wide &&
    sizes.length === 4 &&
    sizes.every((size) => typeof size === 'number' && size > 0) &&
    intOf(node, 'group', 1) === 1 &&
    ones('dilations') &&
    stride === across;
  if (!isPlain) return undefined;
  const [height, width, down, right] = sizes as [number, number, number, number];
  const pads = padding(node, [height, width], [down, right], tall, stride);
  const rows: Axis = { from: height, to: down, before: pads[0] };
  const columns: Axis = { from: width, to: right, before: pads[1] };
  return {
    filters: weightsChange ? node.inputs[1]! : (filters.data as Float32Array),
    ...{ count, channels, rows, columns, kernel: tall, stride, bias: node.inputs[2] },
  };
}

/** Zeros in front of each axis. */
function padding(
  node: Node,
  from: readonly [number, number],
  to: readonly [number, number],
  kernel: number,
  stride: number,
): [number, number] {
  const mode = stringOf(node, 'auto_pad', 'NOTSET');
  const [top = 0, left = 0] = intsOf(node, 'pads') ?? [];
  const inFront = (axis: 0 | 1) => {
    const total = Math.max(0, (to[axis] - 1) * stride + kernel - from[axis]);
    if (mode === 'SAME_UPPER') return Math.floor(total / 2);
    if (mode === 'SAME_LOWER') return Math.ceil(total / 2);
    return mode === 'VALID' ? 0 : [top, left][axis]!;
  };
  return [inFront(0), inFront(1)];
}

/** A graph in the making whose images are [N, C, H, W] or [H, W, N, C], or both where both are asked for. */
class Layouts {
  private readonly builder: GraphBuilder;
  /** The names of values [N, C, H, W] as [H, W, N, C]. */
  private readonly turned = new Map<string, string>();
  private readonly outputs: ReadonlySet<string>;

  constructor(
    private readonly model: Model,
    private readonly types: ValueTypes,
    private readonly weightsChange: boolean,
  ) {
    const { graph } = model;
    this.outputs = new Set(graph.outputs.map(({ name }) => name));
    this.builder = new GraphBuilder(
      { ...graph, nodes: [] },
      { reserved: graph.nodes.flatMap(({ outputs }) => outputs) },
    );
  }

  convolve(node: Node, { bias }: Conv, product: (builder: GraphBuilder, x: string) => string): void {
    const { builder } = this;
    const result = product(builder, this.turn(node.inputs[0]!));
    const added = bias ? builder.node('Add', [result, bias]) : result;
    this.made(node.outputs[0]!, added);
  }

  append(node: Node): void {
    const { builder } = this;
    const conv = this.turned.has(node.inputs[0] ?? '')
      ? convOf(node, this.model, this.types, this.weightsChange)
      : undefined;
    if (conv?.kernel === 1 && conv.rows.before === 0 && conv.columns.before === 0) {
      this.convolve(node, conv, (_, x) => this.multiply(x, conv));
      return;
    }
    if (node.op === 'BatchNormalization' && node.domain === '' && this.turned.has(node.inputs[0]!)) {
      this.normalise(node);
      return;
    }
    const inputs = ELEMENTWISE.has(node.op) && node.domain === '' ? this.turnedInputs(node) : undefined;
    if (inputs) {
      const { op, attributes } = node;
      this.made(node.outputs[0]!, builder.node(op, inputs, attributes));
      return;
    }
    for (const name of usedBy(node)) this.straighten(name);
    builder.append(node);
  }

  build() {
    return this.builder.build(this.model.graph.name);
  }

  /** An output stays what all that follows is made of: it may be differentiated with respect to. */
  private made(name: string, turned: string): void {
    if (this.outputs.has(name)) this.turnBack(name, turned);
    else this.turned.set(name, turned);
  }

  /** The rows of a value [H, W, N, C] are what is normalised. */
  private normalise({ op, inputs: [x, ...others], outputs: [y, ...statistics], attributes }: Node): void {
    const { builder } = this;
    const { channels, height, width } = this.sizesOf(x!);
    const outputs = [builder.reserve(op), ...statistics];
    const [normalised] = builder.node(op, [this.shaped(this.turn(x!), [-1, channels]), ...others], attributes, {
      outputs,
    });
    this.made(y!, this.shaped(normalised!, [height, width, -1, channels]));
  }

  /** A 1 x 1 convolution of a value [H, W, N, C]. */
  private multiply(x: string, { filters, count, channels, stride, rows, columns }: Conv): string {
    const { builder } = this;
    const ints = (values: readonly number[]) => builder.constant(int64Vector(values));
    const ends = [rows.from, columns.from];
    const taken =
      stride === 1 ? x : builder.node('Slice', [x, ints([0, 0]), ints(ends), ints([0, 1]), ints([stride, stride])]);
    if (typeof filters === 'string') {
      return builder.node('MatMul', [taken, this.transposed(this.shaped(filters, [count, channels]))]);
    }
    const weights = new Float32Array(channels * count);
    for (let k = 0; k < count; k++)
      for (let c = 0; c < channels; c++) weights[c * count + k] = filters[k * channels + c]!;
    return builder.node('MatMul', [taken, builder.constant(float32Tensor([channels, count], weights), 'filters')]);
  }

  /** The inputs in the other layout, if any image among them is in it already and every other one can be brought to it. */
  private turnedInputs({ inputs }: Node): string[] | undefined {
    if (!inputs.some((name) => this.turned.has(name))) return undefined;
    const found = inputs.map((name) => (name === '' ? '' : this.turnedInput(name)));
    return found.includes(undefined) ? undefined : (found as string[]);
  }

  private turnedInput(name: string): string | undefined {
    const constant = this.model.graph.initializers.get(name);
    if (constant) return this.turnedConstant(name, constant);
    const [, ...sizes] = this.types.values.get(name)?.dims ?? [];
    return sizes.length === 3 && sizes.every((size) => typeof size === 'number') ? this.turn(name) : undefined;
  }

  /** Single numbers, and one number a channel. */
  private turnedConstant(name: string, constant: Tensor): string | undefined {
    const { type, dims } = constant;
    const perChannel = type === 'float32' && [3, 4].includes(dims.length) && dims.at(-3)! === product(dims);
    const own = dims.every((size) => size === 1) ? [] : perChannel ? [dims.at(-3)!] : undefined;
    if (!own) return undefined;
    return this.weightsChange ? this.shaped(name, own) : this.builder.constant(reshaped(constant, own));
  }

  private turn(name: string): string {
    const known = this.turned.get(name);
    if (known !== undefined) return known;
    const { channels, height, width } = this.sizesOf(name);
    const matrix = this.shaped(name, [-1, height * width]);
    const turned = this.shaped(this.transposed(matrix), [height, width, -1, channels]);
    this.turned.set(name, turned);
    return turned;
  }

  /** Under its own name. */
  private turnBack(name: string, turned: string): void {
    const { builder } = this;
    const { channels, height, width } = this.sizesOf(name);
    const matrix = this.transposed(this.shaped(turned, [height * width, -1]));
    const shape = builder.constant(int64Vector([-1, channels, height, width]));
    builder.node('Reshape', [matrix, shape], {}, { outputs: [name] });
  }

  private sizesOf(name: string) {
    const [, channels = 0, height = 0, width = 0] = this.types.values.get(name)!.dims.map(Number);
    return { channels, height, width };
  }

  /** ONNX Runtime swaps two axes in a fifth of the time in which it permutes four. */
  private transposed(matrix: string): string {
    return this.builder.node('Transpose', [matrix], { perm: [1, 0] });
  }

  private shaped(value: string, dims: readonly number[]): string {
    return this.builder.node('Reshape', [value, this.builder.constant(int64Vector(dims))]);
  }

  /** Makes a value in its own layout, if it is not there yet. */
  private straighten(name: string): void {
    const turned = this.turned.get(name);
    if (turned !== undefined && !this.builder.has(name)) {
      this.turnBack(name, turned);
    }
  }
}

const product = (dims: readonly number[]) => dims.reduce((result, size) => result * size, 1);

const reshaped = (constant: Tensor, dims: readonly number[]): Tensor => ({ ...constant, dims });
