import type { ImageShape, Rng } from '@rampart/core';

/** Changes of training images that leave their class as it is. */
export interface Augmentation {
  /** Mirrors half of the images, left to right. */
  readonly flips: boolean;
  /** Shifts images by up to this many pixels; what comes in from outside repeats the edge. */
  readonly crops: number;
}

/** Changes every image of a batch, in place. */
export function augment(images: Float32Array, shape: ImageShape, { flips, crops }: Augmentation, rng: Rng): void {
  const { channels, height, width } = shape;
  const plane = height * width;
  const features = channels * plane;
  const before = new Float32Array(features);
  for (let first = 0; first < images.length; first += features) {
    const mirrored = flips && rng.uniform() < 0.5;
    const [down, right] = crops > 0 ? [rng.integer(2 * crops + 1) - crops, rng.integer(2 * crops + 1) - crops] : [0, 0];
    if (!mirrored && down === 0 && right === 0) continue;
    before.set(images.subarray(first, first + features));
    for (let channel = 0; channel < channels; channel++) {
      for (let y = 0; y < height; y++) {
        const row = channel * plane + inside(y + down, height) * width;
        for (let x = 0; x < width; x++) {
          const from = inside((mirrored ? width - 1 - x : x) + right, width);
          images[first + channel * plane + y * width + x] = before[row + from]!;
        }
      }
    }
  }
}

function inside(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}
