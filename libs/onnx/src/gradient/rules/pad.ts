import { stringOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';
import { viaPlaces } from './shape';

/** The widths before and behind every axis, where they are known beforehand. */
function ofAllAxes(c: RuleContext): number[] | undefined {
  const given = c.numbers(1);
  if (!given || c.input(3) === '') return given;
  const rank = c.dims(c.input(0)).length;
  const axes = c.numbers(3)?.map((axis) => c.axis(axis, rank));
  if (!axes) return undefined;
  const widths = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    widths[axis] = given[i]!;
    widths[rank + axis] = given[axes.length + i]!;
  });
  return widths;
}

/** Constant padding is undone by negative padding, and cutting by padding with zeros. */
const pad: GradientRule = (c) => {
  const { emit, node } = c;
  if (stringOf(node, 'mode', 'constant') !== 'constant') {
    const axes = c.input(3);
    return viaPlaces(c, [c.input(1), ...(axes === '' ? [] : ['', axes])]);
  }
  const given = ofAllAxes(c);
  const widths = given ? emit.ints(given.map((width) => (width === 0 ? 0 : -width))) : emit.neg(c.input(1));
  const axes = given ? '' : c.input(3);
  const toData = emit.op('Pad', [c.gradient, widths, ...(axes === '' ? [] : ['', axes])]);
  const total = (value: string) => emit.op('ReduceSum', [value], { keepdims: 0 });
  const toValue = () => {
    const rest = emit.sub(total(c.gradient), total(toData));
    return c.dims(c.input(2)).length === 0 ? rest : emit.reshape(rest, [1]);
  };
  return [toData, undefined, c.wants(2) ? toValue() : undefined];
};

export const padRules: Readonly<Record<string, GradientRule>> = { Pad: pad };
