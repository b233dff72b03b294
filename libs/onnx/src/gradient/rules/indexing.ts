import { intOf } from '../../graph/attribute';
import type { GradientRule } from '../rule';
import { viaPlaces } from './shape';

/** Rows of the first axis are added up by ScatterND; another axis goes element by element. */
const gather: GradientRule = (c) => {
  const { emit } = c;
  const x = c.input(0);
  if (c.axis(intOf(c.node, 'axis', 0), c.dims(x).length) !== 0) return viaPlaces(c);
  const indices = emit.unsqueeze(c.input(1), [-1]);
  const rows = c.elementType(c.input(1)) === 'int64' ? indices : emit.cast(indices, 'int64');
  return [emit.op('ScatterND', [emit.zerosLike(x), rows, c.gradient], { reduction: 'add' })];
};

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
