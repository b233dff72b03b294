import { stringOf } from '../../graph/attribute';
import type { GradientRule } from '../rule';
import { viaPlaces } from './shape';

/** Constant padding is undone by negative padding, and cutting by padding with zeros. */
const pad: GradientRule = (c) => {
  const { emit, node } = c;
  if (stringOf(node, 'mode', 'constant') !== 'constant') {
    const axes = c.input(3);
    return viaPlaces(c, [c.input(1), ...(axes === '' ? [] : ['', axes])]);
  }
  const given = c.numbers(1);
  const widths = given ? emit.ints(given.map((width) => (width === 0 ? 0 : -width))) : emit.neg(c.input(1));
  const axes = c.input(3);
  const toData = emit.op('Pad', [c.gradient, widths, ...(axes === '' ? [] : ['', axes])]);
  const total = (value: string) => emit.op('ReduceSum', [value], { keepdims: 0 });
  const toValue = () => {
    const rest = emit.sub(total(c.gradient), total(toData));
    return c.dims(c.input(2)).length === 0 ? rest : emit.reshape(rest, [1]);
  };
  return [toData, undefined, c.wants(2) ? toValue() : undefined];
};

export const padRules: Readonly<Record<string, GradientRule>> = { Pad: pad };
