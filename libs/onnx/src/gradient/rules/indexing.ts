import { intOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';
import { viaPlaces } from './shape';

/**
 * Different elements of an axis, known beforehand, are put back between zeros. Other rows of the first axis are added
 * up by ScatterND; other axes go element by element.
 */
const gather: GradientRule = (c) => {
  const { emit } = c;
  const x = c.input(0);
  const axis = c.axis(intOf(c.node, 'axis', 0), c.dims(x).length);
  const apart = putBack(c, axis);
  if (apart !== undefined) return [apart];
  if (axis !== 0) return viaPlaces(c);
  const indices = emit.unsqueeze(c.input(1), [-1]);
  const rows = c.elementType(c.input(1)) === 'int64' ? indices : emit.cast(indices, 'int64');
  return [emit.op('ScatterND', [emit.zerosLike(x), rows, c.gradient], { reduction: 'add' })];
};

/** The gradient where constant indices, one or a list, take no element twice; undefined elsewhere. */
function putBack(c: RuleContext, axis: number): string | undefined {
  const { emit } = c;
  const size = c.dims(c.input(0))[axis];
  const rank = c.dims(c.input(1)).length;
  const taken = c.numbers(1)?.map((index) => (index < 0 ? index + Number(size) : index));
  if (!taken?.length || typeof size !== 'number' || rank > 1 || new Set(taken).size < taken.length) return undefined;
  const gradient = rank === 0 ? emit.unsqueeze(c.gradient, [axis]) : c.gradient;
  const padded = (before: number, after: number) => emit.pad(gradient, c.dims(c.input(0)).length, axis, before, after);
  const [first] = taken as [number];
  if (taken.every((index, i) => index === first + i)) return padded(first, size - first - taken.length);
  // Every element takes the gradient of its copy, or the zero appended at the end.
  const copies = new Map(taken.map((index, i) => [index, i]));
  const places = Array.from({ length: size }, (_, index) => copies.get(index) ?? taken.length);
  return emit.op('Gather', [padded(0, 1), emit.ints(places)], { axis });
}

const gatherElements: GradientRule = (c) => {
  const axis = intOf(c.node, 'axis', 0);
  const zeros = c.emit.zerosLike(c.input(0));
  return [c.emit.op('ScatterElements', [zeros, c.input(1), c.gradient], { axis, reduction: 'add' })];
};

export const indexingRules: Readonly<Record<string, GradientRule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: viaPlaces,
};
