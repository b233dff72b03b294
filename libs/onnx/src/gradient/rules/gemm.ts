import { float, floatOf, intOf } from '../../graph/attribute';
import type { GradientRule } from '../rule';

/** alpha A' B' + beta C, where A' and B' are A and B or their transposes. */
const gemm: GradientRule = (c) => {
  const { emit, gradient, node } = c;
  const [a, b] = [c.input(0), c.input(1)];
  const alpha = float(floatOf(node, 'alpha', 1));
  const [transA, transB] = [intOf(node, 'transA', 0), intOf(node, 'transB', 0)];
  const product = (left: string, right: string, leftTransposed: number, rightTransposed: number) =>
    emit.op('Gemm', [left, right], { alpha, transA: leftTransposed, transB: rightTransposed });
  const toA = () => (transA ? product(b, gradient, transB, 1) : product(gradient, b, 0, 1 - transB));
  const toB = () => (transB ? product(gradient, a, 1, transA) : product(a, gradient, 1 - transA, 0));
  const toC = () => {
    const scaled = emit.scale(gradient, floatOf(node, 'beta', 1), c.output());
    return emit.unbroadcast(scaled, c.dims(c.output()), c.dims(c.input(2)));
  };
  return [c.wants(0) ? toA() : undefined, c.wants(1) ? toB() : undefined, c.wants(2) ? toC() : undefined];
};

export const gemmRules: Readonly<Record<string, GradientRule>> = { Gemm: gemm };
