import { stringOf } from '../../graph/attribute';
import { numericTensor } from '../../graph/tensor';
import type { GradientRule, RuleContext } from '../rule';

/**
 * Means of samples in the bins of regions of images. A sample's weights are products of one a row and one a column,
 * read off from what the operator makes of images that are 1 in a single row or column.
 */
const roiAlign: GradientRule = (c) => {
  const { emit } = c;
  const [x, images] = [c.input(0), c.input(2)];
  if (stringOf(c.node, 'mode', 'avg') !== 'avg') throw c.refuse('it takes the largest sample');
  if (c.wants(1)) throw c.refuse('its regions depend on the input');
  const [, height, width] = c.staticDims(x, 1) as [number, number, number];
  // [regions, height, bins down, bins across]
  const down = sampled(c, [height, height, width], (row, i) => row === Math.floor(i / width));
  const across = sampled(c, [width, height, width], (column, i) => column === i % width);
  // Each is a product with the sum of the other one's weights, which samples outside of the image lessen.
  const rows = emit.sum(down, [3], false);
  const columns = emit.sum(across, [2], false);
  const total = emit.sum(rows, [1, 2], true);
  const some = emit.op('Greater', [total, emit.number(0, x)]);
  const safe = emit.op('Where', [some, total, emit.number(1, x)]);
  const share = emit.unsqueeze(emit.where(some, emit.op('Reciprocal', [safe]), x), [3]);
  const spread = emit.op('MatMul', [
    emit.op('MatMul', [emit.unsqueeze(rows, [1]), emit.mul(c.gradient, share)]),
    emit.unsqueeze(emit.transpose(columns, [0, 2, 1]), [1]),
  ]);
  const places = emit.unsqueeze(c.elementType(images) === 'int64' ? images : emit.cast(images, 'int64'), [1]);
  return [emit.op('ScatterND', [emit.zerosLike(x), places, spread], { reduction: 'add' })];
};

/** The operator on one image of as many channels as it has rows or columns, each 1 in its own and 0 elsewhere. */
function sampled(c: RuleContext, dims: readonly number[], isOne: (channel: number, place: number) => boolean): string {
  const { emit, node } = c;
  const [channels, height, width] = dims as [number, number, number];
  const size = height * width;
  const values = Array.from({ length: channels * size }, (_, i) => Number(isOne(Math.floor(i / size), i % size)));
  const type = c.elementType(c.input(0)) as 'float32';
  const image = emit.constant(numericTensor(type, [1, ...dims], values));
  const first = emit.op('Sub', [c.input(2), c.input(2)]);
  return emit.op('RoiAlign', [image, c.input(1), first], node.attributes);
}

export const roiAlignRules: Readonly<Record<string, GradientRule>> = { RoiAlign: roiAlign };
