import { type AttributeInputs, float } from '../graph/attribute';
import { GraphBuilder } from '../graph/builder';
import type { ElementType, Tensor } from '../graph/ir';
import { float32Tensor, int64Vector, numericTensor, scalar } from '../graph/tensor';
import type { ProbedDimension, ValueTypes } from '../graph/value-types';
import { typeNumber } from '../wire/element-types';
import { Marks } from './marks';

interface Scanned {
  readonly states: readonly string[];
  readonly inputs: readonly string[];
  readonly back: boolean;
  /** A value of the element type of all of them. */
  readonly like: string;
}

interface Turn {
  readonly states: readonly string[];
  readonly outputs: readonly string[];
}

/** The vocabulary of gradient rules: appends nodes and returns the names of their outputs. */
export class Emitter {
  constructor(
    private readonly builder: GraphBuilder,
    private readonly types: ValueTypes,
    private readonly marks = new Marks(),
  ) {}

  op(op: string, inputs: readonly string[], attributes?: AttributeInputs): string {
    return this.builder.node(op, inputs, attributes, { name: `gradient/${op}` });
  }

  ops(op: string, inputs: readonly string[], outputs: number, attributes?: AttributeInputs): string[] {
    return this.builder.node(op, inputs, attributes, { name: `gradient/${op}`, outputs });
  }

  /**
   * Goes along the first axis of some values, from the first element to the last, or back. What is kept from one turn
   * to the next begins as given and ends as returned; what each turn puts out is stacked in the order of the inputs.
   * @param turn appends one turn to a graph inside, which may use values of the graph around it
   */
  scan(
    { states, inputs, back, like }: Scanned,
    turn: (body: GraphBuilder, states: readonly string[], inputs: readonly string[]) => Turn,
  ): { readonly states: string[]; readonly outputs: string[] } {
    const body = new GraphBuilder(undefined, this.builder.names());
    const type = this.elementType(like);
    const declare = (hint: string) => body.input(body.reserve(`gradient/${hint}`), type);
    const [kept, taken] = [states.map(() => declare('state')), inputs.map(() => declare('element'))];
    const made = turn(body, kept, taken);
    const own = new Set([...kept, ...taken]);
    for (const name of [...made.states, ...made.outputs]) {
      // What goes in, and what comes out twice, needs another name.
      body.output(own.has(name) ? body.node('Identity', [name]) : name, type);
      own.add(name);
    }
    const results = this.ops('Scan', [...states, ...inputs], made.states.length + made.outputs.length, {
      body: body.build('turn'),
      num_scan_inputs: inputs.length,
      scan_input_directions: inputs.map(() => Number(back)),
      scan_output_directions: made.outputs.map(() => Number(back)),
    });
    return { states: results.slice(0, states.length), outputs: results.slice(states.length) };
  }

  constant(value: Tensor): string {
    return this.builder.constant(value, 'gradient/constant');
  }

  /** A scalar of the element type of a value. */
  number(value: number, like: string): string {
    return this.constant(scalar(value, this.elementType(like)));
  }

  /** A tensor of the element type of a value. */
  numbers(dims: readonly number[], values: readonly number[], like: string): string {
    return this.constant(numericTensor(this.elementType(like), dims, values));
  }

  ints(values: readonly number[]): string {
    return this.constant(int64Vector(values));
  }

  add(a: string, b: string): string {
    return this.op('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.op('Sub', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.op('Mul', [a, b]);
  }

  div(a: string, b: string): string {
    return this.op('Div', [a, b]);
  }

  neg(a: string): string {
    return this.op('Neg', [a]);
  }

  /** The negative of a value of the shape of another one. */
  negLike(a: string, like: string): string {
    const uniform = this.marks.uniform.get(a);
    if (uniform !== undefined) return this.filledLike(like, -uniform);
    const negative = this.neg(a);
    this.marks.negated.set(negative, a);
    return negative;
  }

  /** The value times a number; `like` has its element type. */
  scale(value: string, factor: number, like: string): string {
    return factor === 1 ? value : factor === -1 ? this.neg(value) : this.mul(value, this.number(factor, like));
  }

  /** The value where the condition holds, 0 elsewhere; `like` has its element type. */
  where(condition: string, value: string, like: string): string {
    return this.op('Where', [condition, value, this.number(0, like)]);
  }

  /** The value where a number that is never negative is positive, 0 elsewhere. */
  wherePositive(value: string, nonnegative: string, like: string): string {
    if (this.elementType(like) !== 'float32') {
      return this.where(this.op('Greater', [nonnegative, this.number(0, like)]), value, like);
    }
    // With a product a third of what Greater and Where cost.
    return this.mul(value, this.step(nonnegative, 0, 1));
  }

  /**
   * Of float32 numbers on one side of a bound: 0 at the bound, 1 elsewhere.
   * @param side 1 for numbers from the bound on, -1 for numbers up to it
   */
  step(value: string, bound: number, side: 1 | -1): string {
    if (bound === 0) return this.hardSigmoid(value, side * 3e38, 0);
    // A power of two that makes 1 of the distance between the bound and its neighbour. Both products are exact, and so
    // their difference is 0 at the bound alone.
    const steep = 2 ** (25 - Math.floor(Math.log2(Math.abs(bound))));
    return this.hardSigmoid(value, side * steep, -side * steep * bound);
  }

  /** max(0, min(1, alpha x + beta)) */
  hardSigmoid(value: string, alpha: number, beta: number): string {
    return this.op('HardSigmoid', [value], { alpha: float(alpha), beta: float(beta) });
  }

  not(condition: string): string {
    return this.op('Not', [condition]);
  }

  cast(value: string, type: ElementType): string {
    return this.op('Cast', [value], { to: typeNumber(type) });
  }

  transpose(value: string, perm: readonly number[]): string {
    if (perm.every((axis, i) => axis === i)) return value;
    const factors = this.marks.products.get(value);
    // The transpose of A' B is B' A: the product in the order that is wanted.
    if (factors && isSwap(perm)) return this.transposedProduct(factors[1], factors[0], perm.length);
    return this.op('Transpose', [value], { perm });
  }

  /** A' B, matrices or stacks of matrices. */
  transposedProduct(a: string, b: string, rank: number): string {
    const product = this.op('MatMul', [this.transpose(a, swap(rank)), b]);
    this.marks.products.set(product, [a, b]);
    return product;
  }

  /**
   * Gives a gradient, element by element, to the first of several float32 values that equals their extreme: each takes
   * what is its own of what the ones before have left. Half of what conditions and choices cost.
   * @returns the part of each value
   */
  toFirst(gradient: string, values: readonly string[], extreme: string): string[] {
    let rest = gradient;
    return values.map((value, i) => {
      if (i === values.length - 1) return rest;
      const part = this.mul(rest, this.cast(this.op('Equal', [value, extreme]), 'float32'));
      rest = this.sub(rest, part);
      return part;
    });
  }

  /** The sum over axes, which stay with size 1 unless said otherwise. */
  sum(value: string, axes: readonly number[], keep = true): string {
    return axes.length === 0 ? value : this.op('ReduceSum', [value, this.ints(axes)], { keepdims: keep });
  }

  /** The mean over axes, which stay with size 1. */
  mean(value: string, axes: readonly number[]): string {
    return axes.length === 0 ? value : this.op('ReduceMean', [value, this.ints(axes)], { keepdims: true });
  }

  unsqueeze(value: string, axes: readonly number[]): string {
    return axes.length === 0 ? value : this.op('Unsqueeze', [value, this.ints(axes)]);
  }

  squeeze(value: string, axes: readonly number[]): string {
    return axes.length === 0 ? value : this.op('Squeeze', [value, this.ints(axes)]);
  }

  /**
   * The value with zeros before and behind it along an axis. All axes are named, as ONNX Runtime's optimiser takes the
   * widths of a few for those of all where a Transpose comes before.
   */
  pad(value: string, rank: number, axis: number, before: number, after: number): string {
    const widths = new Array<number>(2 * rank).fill(0);
    widths[axis] = before;
    widths[rank + axis] = after;
    return this.op('Pad', [value, this.ints(widths)]);
  }

  /** The value in the given shape, which may have one -1 and no other dimension of size 0. */
  reshape(value: string, shape: readonly number[]): string {
    return this.op('Reshape', [value, this.ints(shape)]);
  }

  /** The value in the shape of another one. */
  reshapeLike(value: string, like: string): string {
    return this.reshapeTo(value, this.dims(like), () => this.shape(like));
  }

  /**
   * The value in given dimensions. One of them may depend on the batch size; where several do, the shape is computed
   * when the graph runs.
   */
  reshapeTo(value: string, dims: readonly ProbedDimension[], shape: () => string): string {
    const fixed = inferable(dims);
    return fixed ? this.reshape(value, fixed) : this.op('Reshape', [value, shape()], { allowzero: 1 });
  }

  /** The shape of a value: a constant where it is the same at every batch size. */
  shape(of: string): string {
    const dims = this.dims(of);
    return dims.every((dim) => typeof dim === 'number') ? this.ints(dims) : this.op('Shape', [of]);
  }

  /** One dimension of a value, as a vector of one element. */
  size(of: string, axis: number): string {
    const dim = this.dims(of)[axis];
    return typeof dim === 'number' ? this.ints([dim]) : this.op('Shape', [of], { start: axis, end: axis + 1 });
  }

  /** The value repeated to the shape of another one. */
  expandLike(value: string, like: string): string {
    return this.op('Expand', [value, this.shape(like)]);
  }

  /**
   * Each element times a number, repeated along axes to the shape of another value.
   * @param value as many elements as the other one has without these axes
   * @param restored the same with these axes, of size 1; left out where the value has them
   */
  repeatLike(value: string, axes: readonly number[], like: string, factor = 1, restored?: () => string): string {
    const uniform = this.marks.uniform.get(value);
    if (uniform !== undefined) return this.filledLike(like, uniform * factor);
    if (axes.length === 0) return this.scale(value, factor, like);
    const dims = this.dims(like);
    const sizes = dims.slice(dims.length - axes.length).filter((size) => typeof size === 'number');
    const count = sizes.reduce((product, size) => product * size, 1);
    const areLast = axes.every((axis) => axis >= dims.length - axes.length) && sizes.length === axes.length;
    if (!areLast || count === 0 || this.elementType(like) !== 'float32') {
      return this.expandLike(this.scale(restored ? restored() : value, factor, like), like);
    }
    // Each element times a row: ONNX Runtime repeats single elements one by one, and several times as slowly.
    const negated = this.marks.negated.get(value);
    const row = new Array<number>(count).fill(negated === undefined ? factor : -factor);
    const isTable = dims.length === 2 && axes.length === 1;
    const column = isTable && !restored ? (negated ?? value) : this.reshape(negated ?? value, [-1, 1]);
    const rows = this.op('MatMul', [column, this.numbers([1, count], row, like)]);
    return isTable ? rows : this.reshapeLike(rows, like);
  }

  /** Zeros of the type and shape of a value. */
  zerosLike(like: string): string {
    return this.filledLike(like, 0);
  }

  /** A value's type and shape, filled with one number. */
  filledLike(like: string, value: number): string {
    const name = this.filled(this.shape(like), value, like);
    this.marks.uniform.set(name, value);
    return name;
  }

  /** A tensor of a computed shape, filled with one number of the element type of a value. */
  filled(shape: string, value: number, like: string): string {
    const type = this.elementType(like);
    return this.op('ConstantOfShape', [shape], { value: numericTensor(type, [1], [value]) });
  }

  /** Sums a gradient over the axes that broadcasting has repeated: from the dimensions that it has to those of an operand. */
  unbroadcast(gradient: string, from: readonly ProbedDimension[], to: readonly ProbedDimension[]): string {
    const added = from.length - to.length;
    const leading = Array.from({ length: added }, (_, axis) => axis);
    const repeated = to.flatMap((dim, i) => (dim === 1 && from[i + added] !== 1 ? [i + added] : []));
    if (repeated.length === 0) return this.sum(gradient, leading, false);
    return this.squeeze(this.sum(gradient, [...leading, ...repeated]), leading);
  }

  /** The products of the rows along an axis with the transpose of a matrix: [..., to, ...] times [size, to]'. */
  multiplyAlong(value: string, matrix: string, axis: number, rank: number): string {
    if (axis === rank - 1) return this.op('MatMul', [value, this.transpose(matrix, [1, 0])]);
    if (axis === rank - 2) return this.op('MatMul', [matrix, value]);
    const perm = Array.from({ length: rank }, (_, i) => i);
    [perm[axis], perm[rank - 1]] = [rank - 1, axis];
    const moved = this.op('MatMul', [this.transpose(value, perm), this.transpose(matrix, [1, 0])]);
    return this.transpose(moved, perm);
  }

  /** The places of a value's elements in row-major order, in the value's shape: int64. */
  places(of: string): string {
    const zero = this.constant(scalar(0, 'int64'));
    const one = this.constant(scalar(1, 'int64'));
    const range = this.op('Range', [zero, this.op('Size', [of]), one]);
    return this.op('Reshape', [range, this.shape(of)], { allowzero: 1 });
  }

  /**
   * Adds each element of a gradient to the place, in row-major order, that it came from. Elements that went nowhere
   * get 0, elements that went to several places the sum.
   * @param places int64, of the gradient's shape
   */
  scatterAdd(gradient: string, places: string, like: string): string {
    const flat = this.ints([-1]);
    const zeros = this.filled(this.op('Reshape', [this.op('Size', [like]), this.ints([1])]), 0, like);
    const updates = this.op('Reshape', [gradient, flat]);
    const indices = this.op('Reshape', [places, flat]);
    const sums = this.op('ScatterElements', [zeros, indices, updates], { axis: 0, reduction: 'add' });
    return this.reshapeLike(sums, like);
  }

  float32(dims: readonly number[], values: Float32Array | readonly number[]): string {
    return this.constant(float32Tensor(dims, values));
  }

  private dims(name: string): readonly ProbedDimension[] {
    return this.types.values.get(name)!.dims;
  }

  private elementType(name: string): Exclude<ElementType, 'string'> {
    return this.types.values.get(name)!.type as Exclude<ElementType, 'string'>;
  }
}

/** The last two axes in each other's place. */
function swap(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i));
}

const isSwap = (perm: readonly number[]) => swap(perm.length).every((axis, i) => axis === perm[i]);

/** The dimensions as Reshape takes them, with -1 for the one that is not fixed; undefined where that does not do. */
function inferable(dims: readonly ProbedDimension[]): number[] | undefined {
  const free = dims.filter((dim) => typeof dim !== 'number').length;
  if (free > 1 || dims.includes(0)) return undefined;
  return dims.map((dim) => (typeof dim === 'number' ? dim : -1));
}
