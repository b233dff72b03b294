import { intOf, stringOf } from '../../graph/attribute';
import { scalar } from '../../graph/tensor';
import type { GradientRule } from '../rule';
import { viaPlaces } from './shape';

/** Values that were selected along an axis give their gradient back to where they were. */
const topK: GradientRule = (c) => {
  const axis = intOf(c.node, 'axis', -1);
  const zeros = c.emit.zerosLike(c.input(0));
  return [c.emit.op('ScatterElements', [zeros, c.output(1), c.gradient], { axis })];
};

/** What an element was added to comes after it; so its gradient is the sum from the other end. */
const cumSum: GradientRule = (c) => {
  const exclusive = intOf(c.node, 'exclusive', 0);
  const reverse = 1 - intOf(c.node, 'reverse', 0);
  return [c.emit.op('CumSum', [c.gradient, c.input(1)], { exclusive, reverse })];
};

/** Every product that an element is in, over that element: elements of 0 are taken not to be met. */
const cumProd: GradientRule = (c) => {
  const { emit } = c;
  const exclusive = intOf(c.node, 'exclusive', 0);
  const reverse = 1 - intOf(c.node, 'reverse', 0);
  const products = emit.op('CumSum', [emit.mul(c.gradient, c.output()), c.input(1)], { exclusive, reverse });
  return [emit.div(products, c.input(0))];
};

/** Cuts some axes and pads others; what was padded came from nowhere. */
const centerCropPad: GradientRule = (c) => {
  const { emit } = c;
  const x = c.input(0);
  const one = emit.constant(scalar(1, 'int64'));
  // Places counted from 1, so that 0 is what the padding has.
  const moved = emit.op('CenterCropPad', [emit.add(emit.places(x), one), c.input(1)], c.node.attributes);
  const flat = emit.ints([-1]);
  const size = emit.op('Reshape', [emit.add(emit.op('Size', [x]), one), emit.ints([1])]);
  const updates = emit.op('Reshape', [c.gradient, flat]);
  const indices = emit.op('Reshape', [moved, flat]);
  const sums = emit.op('ScatterElements', [emit.filled(size, 0, x), indices, updates], { axis: 0, reduction: 'add' });
  const own = emit.op('Slice', [sums, emit.ints([1]), emit.ints([2 ** 62])]);
  return [emit.reshapeLike(own, x)];
};

const depthToSpace: GradientRule = (c) => {
  const { emit, node } = c;
  const blocksize = intOf(node, 'blocksize', 1);
  if (stringOf(node, 'mode', 'DCR') === 'DCR') return [emit.op('SpaceToDepth', [c.gradient], { blocksize })];
  const [channels = 1, height = 1, width = 1] = c.staticDims(c.output(), 1);
  const shape = [-1, channels, height / blocksize, blocksize, width / blocksize, blocksize];
  return [emit.reshapeLike(emit.transpose(emit.reshape(c.gradient, shape), [0, 1, 3, 5, 2, 4]), c.input(0))];
};

const spaceToDepth: GradientRule = (c) => [
  c.emit.op('DepthToSpace', [c.gradient], { blocksize: intOf(c.node, 'blocksize', 1), mode: 'DCR' }),
];

const trilu: GradientRule = (c) => [
  c.emit.op('Trilu', [c.gradient, ...c.node.inputs.slice(1)], { upper: intOf(c.node, 'upper', 1) }),
];

const reverseSequence: GradientRule = (c) => [
  c.emit.op('ReverseSequence', [c.gradient, c.input(1)], c.node.attributes),
];

/** At inference the identity; in training what was kept, scaled up. */
const dropout: GradientRule = (c) => {
  const { emit, gradient } = c;
  const training = c.input(2) !== '';
  if (!training) return [gradient];
  const known = c.numbers(2);
  if (known && !known[0]) return [gradient];
  const type = c.elementType(c.input(0));
  const ratio = c.input(1) === '' ? emit.number(0.5, c.input(0)) : emit.cast(c.input(1), type);
  const mask = emit.cast(c.output(1), type);
  const kept = emit.div(emit.mul(gradient, mask), emit.sub(emit.number(1, c.input(0)), ratio));
  if (known) return [kept];
  return [emit.op('Where', [c.input(2), kept, gradient])];
};

/** Reads the gradient where the values were put. */
const maxUnpool: GradientRule = (c) => {
  const { emit } = c;
  const flat = (value: string) => emit.reshape(value, [-1]);
  const read = emit.op('GatherElements', [flat(c.gradient), flat(c.input(1))], { axis: 0 });
  return [emit.reshapeLike(read, c.input(0))];
};

/** Operators that select, reorder or add up elements along axes. */
export const arrangementRules: Readonly<Record<string, GradientRule>> = {
  TopK: topK,
  CumSum: cumSum,
  CumProd: cumProd,
  CenterCropPad: centerCropPad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: trilu,
  ReverseSequence: reverseSequence,
  Dropout: dropout,
  MaxUnpool: maxUnpool,
  Compress: viaPlaces,
};
