import type { ProbedDimension } from '../../graph/value-types';
import type { GradientRule, RuleContext } from '../rule';

/** Matrix products of stacks of matrices, with broadcasting; a vector is a row on the left, a column on the right. */
const matmul: GradientRule = (c) => {
  const { emit } = c;
  const [a, b] = [operand(c, 0), operand(c, 1)];
  const gradient = withVectorAxes(c);
  const batch = c.dims(c.output()).slice(0, c.dims(c.output()).length - (a.vector ? 0 : 1) - (b.vector ? 0 : 1));
  const rows = a.dims.at(-2)!;
  const columns = b.dims.at(-1)!;
  const shared = a.dims.at(-1)!;
  const toA = () => {
    const product = emit.op('MatMul', [gradient, swapped(c, b.name, b.dims.length)]);
    return finish(c, 0, emit.unbroadcast(product, [...batch, rows, shared], a.dims), a.vector);
  };
  const toB = () => {
    // One matrix that all of the stack share: one long product instead of many that are then added up.
    if (b.dims.length === 2 && a.dims.length > 2 && typeof shared === 'number' && typeof columns === 'number') {
      const left = emit.reshape(a.name, [-1, shared]);
      const right = emit.reshape(gradient, [-1, columns]);
      return finish(c, 1, emit.op('Gemm', [left, right], { transA: 1 }), b.vector);
    }
    const product = emit.transposedProduct(a.name, gradient, a.dims.length);
    return finish(c, 1, emit.unbroadcast(product, [...batch, shared, columns], b.dims), b.vector);
  };
  return [c.wants(0) ? toA() : undefined, c.wants(1) ? toB() : undefined];
};

interface Operand {
  readonly name: string;
  /** Two or more. */
  readonly dims: readonly ProbedDimension[];
  readonly vector: boolean;
}

function operand(c: RuleContext, index: number): Operand {
  const name = c.input(index);
  const dims = c.dims(name);
  if (dims.length > 1) return { name, dims, vector: false };
  const matrix = index === 0 ? [1, ...dims] : [...dims, 1];
  return { name: c.emit.unsqueeze(name, [index === 0 ? 0 : 1]), dims: matrix, vector: true };
}

function withVectorAxes(c: RuleContext): string {
  const left = c.dims(c.input(0)).length === 1;
  const right = c.dims(c.input(1)).length === 1;
  if (left && right) return c.emit.unsqueeze(c.gradient, [0, 1]);
  return left ? c.emit.unsqueeze(c.gradient, [-2]) : right ? c.emit.unsqueeze(c.gradient, [-1]) : c.gradient;
}

function finish(c: RuleContext, index: number, gradient: string, vector: boolean): string {
  return vector ? c.emit.squeeze(gradient, [index === 0 ? 0 : 1]) : gradient;
}

/** The matrices transposed. */
function swapped(c: RuleContext, name: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return c.emit.transpose(name, perm);
}

export const matmulRules: Readonly<Record<string, GradientRule>> = { MatMul: matmul };
