import type { GradientRule } from '../rule';

/** Larger matrices have more minors than it is worth to compute. */
const LARGEST = 32;

/** By each element its cofactor (Jacobi's formula), the signed determinant without its row and column: also where the matrix has no inverse. */
const det: GradientRule = (c) => {
  const { emit } = c;
  const x = c.input(0);
  const dims = c.dims(x);
  const [n] = c.staticDims(x, dims.length - 1) as [number];
  const gradient = emit.unsqueeze(c.gradient, [-1, -2]);
  if (n === 1) return [emit.expandLike(gradient, x)];
  if (n > LARGEST) throw c.refuse(`its matrices have ${n} rows, more than ${LARGEST}`);
  const others = (left: number) => Array.from({ length: n }, (_, i) => i).filter((i) => i !== left);
  const places: number[] = [];
  const signs: number[] = [];
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      signs.push((row + column) % 2 === 0 ? 1 : -1);
      for (const i of others(row)) for (const j of others(column)) places.push(i * n + j);
    }
  }
  const flat = emit.reshape(x, [-1, n * n]);
  const minors = emit.reshape(emit.op('Gather', [flat, emit.ints(places)], { axis: 1 }), [-1, n, n, n - 1, n - 1]);
  const cofactors = emit.mul(emit.op('Det', [minors]), emit.numbers([n, n], signs, x));
  return [emit.mul(gradient, emit.reshapeLike(cofactors, x))];
};

export const determinantRules: Readonly<Record<string, GradientRule>> = { Det: det };
