import type { Attribute } from '../../graph/ir';
import { intOf, stringOf } from '../../graph/attribute';
import { int64Vector, scalar } from '../../graph/tensor';
import type { GradientRule, RuleContext } from '../rule';

/** How an operator that writes to places is read back, and written again. */
interface Scatter {
  readonly c: RuleContext;
  gather(from: string): string;
  scatter(to: string, updates: string, reduction: 'none' | 'add' | 'mul'): string;
}

/** Data, indices, updates; an element that is written takes the update, or joins it. */
function scatterRule(gatherOp: 'GatherElements' | 'GatherND'): GradientRule {
  return (c) => {
    const axis: Record<string, Attribute> = {};
    if (c.node.attributes['axis']) axis['axis'] = c.node.attributes['axis'];
    const s: Scatter = {
      c,
      gather: (from) => c.emit.op(gatherOp, [from, c.input(1)], axis),
      scatter: (to, updates, reduction) => c.emit.op(c.node.op, [to, c.input(1), updates], { ...axis, reduction }),
    };
    switch (stringOf(c.node, 'reduction', 'none')) {
      case 'none':
        return written(s);
      case 'add':
        return [c.gradient, undefined, c.wants(2) ? s.gather(c.gradient) : undefined];
      case 'mul':
        return multiplied(s);
      default:
        return extreme(s);
    }
  };
}

function written({ c, gather, scatter }: Scatter): (string | undefined)[] {
  const { emit, gradient } = c;
  return [
    c.wants(0) ? scatter(gradient, emit.zerosLike(c.input(2)), 'none') : undefined,
    undefined,
    c.wants(2) ? gather(gradient) : undefined,
  ];
}

/** The product of the others, by division: an update of 0 is taken not to be met. */
function multiplied({ c, gather, scatter }: Scatter): (string | undefined)[] {
  const { emit, gradient } = c;
  const [data, updates] = [c.input(0), c.input(2)];
  const factors = () => scatter(emit.filledLike(data, 1), updates, 'mul');
  return [
    c.wants(0) ? emit.mul(gradient, factors()) : undefined,
    undefined,
    c.wants(2) ? emit.div(gather(emit.mul(gradient, c.output())), updates) : undefined,
  ];
}

/** Equal extremes share the gradient. */
function extreme({ c, gather, scatter }: Scatter): (string | undefined)[] {
  const { emit } = c;
  const [data, updates] = [c.input(0), c.input(2)];
  const type = c.elementType(data);
  const kept = emit.cast(emit.op('Equal', [data, c.output()]), type);
  const taken = emit.cast(emit.op('Equal', [updates, gather(c.output())]), type);
  const share = emit.div(c.gradient, scatter(kept, taken, 'add'));
  return [
    c.wants(0) ? emit.mul(share, kept) : undefined,
    undefined,
    c.wants(2) ? emit.mul(gather(share), taken) : undefined,
  ];
}

/**
 * Rows that a cache [batch, ...] takes along an axis, each sample's from a place of its own on; a circular cache goes on at
 * its beginning.
 */
const tensorScatter: GradientRule = (c) => {
  const { emit, node, gradient } = c;
  const [cache, update, first] = [c.input(0), c.input(1), c.input(2)];
  const rank = c.dims(cache).length;
  const given = intOf(node, 'axis', -2);
  const axis = given < 0 ? given + rank : given;
  const ints = (values: readonly number[]) => emit.constant(int64Vector(values));
  const along = (value: string) => emit.op('Squeeze', [emit.size(value, axis)]);
  const places = () => {
    const zero = emit.constant(scalar(0, 'int64'));
    const steps = emit.op('Range', [zero, along(update), emit.constant(scalar(1, 'int64'))]);
    const rows = emit.op('Reshape', [steps, ints(at(rank, axis, -1))]);
    const started = first === '' ? rows : emit.add(emit.op('Reshape', [first, ints(at(rank, 0, -1))]), rows);
    const wrapped = stringOf(node, 'mode', 'linear') === 'circular' ? emit.op('Mod', [started, along(cache)]) : started;
    return emit.op('Expand', [wrapped, emit.shape(update)]);
  };
  const zeros = () => emit.zerosLike(update);
  return [
    c.wants(0) ? emit.op('TensorScatter', [gradient, zeros(), ...(first ? [first] : [])], node.attributes) : undefined,
    c.wants(1) ? emit.op('GatherElements', [gradient, places()], { axis }) : undefined,
  ];
};

/** A shape of ones but for one axis. */
function at(rank: number, axis: number, size: number): number[] {
  return Array.from({ length: rank }, (_, k) => (k === axis ? size : 1));
}

export const scatterRules: Readonly<Record<string, GradientRule>> = {
  ScatterElements: scatterRule('GatherElements'),
  ScatterND: scatterRule('GatherND'),
  TensorScatter: tensorScatter,
};
