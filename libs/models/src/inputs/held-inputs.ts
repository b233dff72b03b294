import { RampartError, unknownName } from '@rampart/core';
import {
  type Dimension,
  type ElementType,
  GraphBuilder,
  int64Vector,
  type Model,
  numericTensor,
  type Tensor,
  type ValueInfo,
} from '@rampart/onnx';

/** What an input is held at: one number for all of its elements, or an array of its shape, or of one row of it. */
export type HeldInput = number | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

/** Inputs that are not attacked, by name. */
export type HeldInputs = Readonly<Record<string, HeldInput>>;

/**
 * The model with the one input that is attacked: the others are held at the values given. An axis of theirs that the
 * file leaves open has the size that the attacked input has where the file calls it the same, else that of the batch.
 * Inputs that samples bring their own values for stay, behind it.
 * @param brought the names of these
 * @throws RampartError `bad-model` where not exactly one input is left
 * @throws RampartError `usage` for a name that no input has, or that is held and brought; `bad-data` for an array of
 *   another shape
 */
export function withHeldInputs(model: Model, held: HeldInputs = {}, brought: readonly string[] = []): Model {
  const { inputs } = model.graph;
  for (const name of [...Object.keys(held), ...brought]) {
    const known = inputs.map((input) => input.name);
    if (!known.includes(name)) throw unknownName('input', name, known);
  }
  for (const name of brought) if (Object.hasOwn(held, name)) throw both(name);
  const isBrought = ({ name }: ValueInfo) => brought.includes(name);
  const left = inputs.filter((input) => !Object.hasOwn(held, input.name) && !isBrought(input));
  const [main] = left;
  if (!main || left.length > 1) throw notOne(left, inputs);
  if (inputs.length === 1) return model;

  const taken = [main, ...inputs.filter(isBrought)];
  const builder = new GraphBuilder({ ...model.graph, inputs: taken, nodes: [] }, { reserved: names(model) });
  const sizes = new Sizes(builder, main);
  for (const input of inputs) if (!taken.includes(input)) hold(builder, sizes, input, held[input.name]!);
  const front = builder.build(model.graph.name);
  return { ...model, graph: { ...front, nodes: [...front.nodes, ...model.graph.nodes] } };
}

function* names({ graph }: Model): Generator<string> {
  for (const { name } of graph.inputs) yield name;
  for (const { outputs } of graph.nodes) yield* outputs;
}

function hold(builder: GraphBuilder, sizes: Sizes, { name, type, dims }: ValueInfo, value: HeldInput): void {
  if (type === 'other' || type === 'string' || !dims) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected input "${name}" to be a tensor of numbers of a known number of dimensions, as it is to be held. Received ${type === 'other' ? 'no tensor' : type}.`,
    });
  }
  const constant = heldTensor(name, type, dims, value);
  if (constant.dims.length === dims.length && constant.dims.every((size, axis) => size === dims[axis])) {
    builder.initializer(name, constant);
    return;
  }
  const open = dims.flatMap((dim, axis) => (typeof dim === 'number' ? [] : [axis]));
  // An array that is given in full has its own sizes; what it has one of is repeated.
  const repeated = open.filter((axis) => constant.dims.length === 0 || constant.dims[axis] === 1);
  const from = builder.constant(constant);
  const shape = dims.map((dim, axis) =>
    repeated.includes(axis) ? sizes.of(dim) : builder.constant(int64Vector([constant.dims[axis] ?? Number(dim)])),
  );
  builder.node('Expand', [from, builder.node('Concat', shape, { axis: 0 })], {}, { outputs: [name] });
}

type NumericType = Exclude<ElementType, 'string'>;

function heldTensor(name: string, type: NumericType, dims: readonly Dimension[], value: HeldInput): Tensor {
  const filled = (shape: readonly number[]) =>
    numericTensor(type, shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(value as number));
  if (typeof value === 'number') return dims.every((dim) => typeof dim === 'number') ? filled(dims) : filled([]);
  const { shape, data } = value;
  // A row alone stands for a batch of it.
  const full = shape.length === dims.length - 1 && typeof dims[0] !== 'number' ? [1, ...shape] : shape;
  const fits = full.length === dims.length && dims.every((dim, axis) => typeof dim !== 'number' || dim === full[axis]);
  if (fits) return numericTensor(type, full, Array.from(data));
  throw new RampartError({
    code: 'bad-data',
    message: `Expected an array of the shape [${dims.map((dim) => dim ?? '?').join(', ')}] for input "${name}". Received one of [${shape.join(', ')}].`,
  });
}

/** Sizes of axes that are known when the model runs. */
class Sizes {
  private shape: string | undefined;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly main: ValueInfo,
  ) {}

  /** A value of one element: the size of an axis of this name. */
  of(dim: Dimension): string {
    const same = typeof dim === 'string' ? (this.main.dims ?? []).indexOf(dim) : -1;
    this.shape ??= this.builder.node('Shape', [this.main.name]);
    return this.builder.node('Gather', [this.shape, this.builder.constant(int64Vector([Math.max(0, same)]))]);
  }
}

function both(name: string): RampartError {
  return new RampartError({
    code: 'usage',
    message: `Input "${name}" is held, and the dataset has a row of it for each sample. Expected one of the two: leave out --feed, or inputs=[${name}] of the dataset.`,
  });
}

function notOne(left: readonly ValueInfo[], inputs: readonly ValueInfo[]): RampartError {
  const described = left.map(
    ({ name, type, dims }) => `${name} ${type}[${(dims ?? ['...']).map((dim) => dim ?? '?').join(', ')}]`,
  );
  if (inputs.length === 0) {
    return new RampartError({ code: 'bad-model', message: 'Expected a model with an input. Received one without.' });
  }
  // Numbers that a gradient leads to are more likely what is attacked than ids and masks.
  const attacked = left.find(({ type }) => type.startsWith('float')) ?? left[0];
  const others = left.filter((input) => input !== attacked);
  const feeds = others.map(({ name }) => `--feed "${name}=0"`).join(' ');
  return new RampartError({
    code: 'bad-model',
    message:
      left.length === 0
        ? `All inputs of the model are held or brought by the dataset: ${inputs.map(({ name }) => name).join(', ')}. Expected one that is attacked.`
        : `Expected a model with one input that is attacked. Received ${left.length}: ${described.join(', ')}. Say what the others are fed, such as ${feeds}: a number, or an array as name=file.npy. Or let the dataset bring a row for each sample: inputs=[${others.map(({ name }) => name).join(', ')}].`,
  });
}
