import { stringOf } from '../../graph/attribute';
import { numericTensor } from '../../graph/tensor';
import type { ProbedDimension } from '../../graph/value-types';
import type { GradientRule, RuleContext } from '../rule';

/** A sum of products: each operand's gradient is again one, of the output's gradient and the other operands. */
const einsum: GradientRule = (c) => {
  const { terms, result } = parse(c);
  const sizes = letterSizes(c, terms);
  return terms.map((term, i) => (c.wants(i) ? operandGradient(c, terms, result, i, term, sizes) : undefined));
};

interface Sizes {
  readonly dims: ReadonlyMap<string, ProbedDimension>;
  /** An operand and an axis of it that has the size of the letter. */
  readonly from: ReadonlyMap<string, readonly [string, number]>;
}

function operandGradient(
  c: RuleContext,
  terms: readonly string[],
  result: string,
  index: number,
  term: string,
  sizes: Sizes,
): string {
  const { emit } = c;
  const dims = c.dims(c.input(index));
  const operands = [c.gradient];
  const subscripts = [result];
  terms.forEach((other, i) => {
    if (i === index) return;
    operands.push(c.input(i));
    subscripts.push(other);
  });
  const free = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => !sizes.dims.has(letter));
  let wanted = '';
  const repeatedAxes: number[] = [];
  [...term].forEach((letter, axis) => {
    // An axis of size 1 that is repeated for others is summed over.
    if (dims[axis] === 1 && sizes.dims.get(letter) !== 1) {
      repeatedAxes.push(axis);
      return;
    }
    if (!wanted.includes(letter)) {
      if (!subscripts.some((subscript) => subscript.includes(letter))) addOnes(c, letter, sizes, operands, subscripts);
      wanted += letter;
      return;
    }
    // A letter that comes twice reads a diagonal.
    const other = free.pop();
    const size = sizes.dims.get(letter);
    if (other === undefined || typeof size !== 'number') throw c.refuse('it reads a diagonal of free size');
    const identity = Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0));
    operands.push(emit.constant(numericTensor(c.elementType(c.input(0)) as 'float32', [size, size], identity)));
    subscripts.push(letter + other);
    wanted += other;
  });
  const gradient = emit.op('Einsum', operands, { equation: `${subscripts.join(',')}->${wanted}` });
  return emit.unsqueeze(gradient, repeatedAxes);
}

/** A letter that only this operand has was summed over: every element of it has the same gradient. */
function addOnes(c: RuleContext, letter: string, { from }: Sizes, operands: string[], subscripts: string[]): void {
  const [operand, axis] = from.get(letter)!;
  operands.push(c.emit.filled(c.emit.size(operand, axis), 1, c.input(0)));
  subscripts.push(letter);
}

/** The equation with a letter for every axis, also for those that are written as an ellipsis. */
function parse(c: RuleContext): { readonly terms: readonly string[]; readonly result: string } {
  const equation = stringOf(c.node, 'equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const unused = [...'ZYXWVUTSRQPONMLKJIHGFEDCBA'].filter((letter) => !equation.includes(letter));
  const written = left.split(',');
  const ellipsisRanks = written.map((term, i) =>
    term.includes('...') ? c.dims(c.input(i)).length - (term.length - 3) : 0,
  );
  const longest = unused.slice(0, Math.max(0, ...ellipsisRanks)).join('');
  const terms = written.map((term, i) => term.replace('...', longest.slice(longest.length - ellipsisRanks[i]!)));
  if (right !== undefined) return { terms, result: right.replace('...', longest) };
  const letters = written.join('').replaceAll('.', '');
  const once = [...new Set(letters)].filter((letter) => letters.split(letter).length === 2).sort();
  return { terms, result: longest + once.join('') };
}

function letterSizes(c: RuleContext, terms: readonly string[]): Sizes {
  const dims = new Map<string, ProbedDimension>();
  const from = new Map<string, readonly [string, number]>();
  terms.forEach((term, i) => {
    [...term].forEach((letter, axis) => {
      const size = c.dims(c.input(i))[axis]!;
      if (dims.has(letter) && size === 1) return;
      dims.set(letter, size);
      from.set(letter, [c.input(i), axis]);
    });
  });
  return { dims, from };
}

export const einsumRules: Readonly<Record<string, GradientRule>> = { Einsum: einsum };
