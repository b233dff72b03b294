import { featureCount, type ImageShape, sampleDims } from '@rampart/core';

/** Sizes of a model's axes as its file gives them, without the batch. */
type Sizes = readonly (number | string | undefined)[];

/**
 * The sizes of the axes in which a model takes samples that are no images: their own, or the same with an axis of one
 * more or less ([N, T] and [N, 1, T] of sound), or as many values in other rows. Undefined where nothing fits.
 */
export function takenDims(sizes: Sizes, shape: ImageShape): readonly number[] | undefined {
  const own = sampleDims(shape);
  const bare = own.filter((size) => size !== 1);
  for (const dims of [own, bare, [1, ...bare], [...bare, 1]]) {
    const fits = dims.length === sizes.length && dims.length > 0;
    if (fits && sizes.every((size, axis) => typeof size !== 'number' || size === dims[axis])) return dims;
  }
  const known = sizes.filter((size) => typeof size === 'number');
  const values = known.reduce((product, size) => product * size, 1);
  return known.length === sizes.length && values === featureCount(shape) ? known : undefined;
}
