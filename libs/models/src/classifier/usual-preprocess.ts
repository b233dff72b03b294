import { featureCount, type ImageBatch, RampartError } from '@rampart/core';

import { parsePreprocess, type Preprocess } from './preprocess';

/** How trainings usually prepare images of any number of channels. */
const ANY = ['range=0..1', 'range=0..255', 'range=-1..1', 'range=-0.5..0.5'];

/** The same, of one channel: MNIST's and Fashion-MNIST's mean and deviation. */
const GREY = ['range=0..1 mean=0.1307 std=0.3081', 'range=0..1 mean=0.286 std=0.353'];

/** The same, of three: ImageNet's, CIFAR-10's and CLIP's mean and deviation, ImageNet's mean alone. */
const COLOUR = [
  'range=0..1 mean=0.485,0.456,0.406 std=0.229,0.224,0.225',
  'range=0..1 mean=0.4914,0.4822,0.4465 std=0.247,0.2435,0.2616',
  'range=0..1 mean=0.48145466,0.4578275,0.40821073 std=0.26862954,0.26130258,0.27577711',
  'range=0..255 mean=123.68,116.779,103.939',
];

/** Ways in which images of so many channels are usually prepared for a model, each in both orders of colours. */
export function usualPreprocess(channels: number): readonly Preprocess[] {
  const texts = [...ANY, ...(channels === 1 ? GREY : channels === 3 ? COLOUR : [])];
  const plain = texts.map(parsePreprocess);
  if (channels !== 3) return plain;
  const turned = ({ mean, std, ...rest }: Preprocess): Preprocess => ({
    ...rest,
    ...(mean && { mean: mean.toReversed() }),
    ...(std && { std: std.toReversed() }),
    order: 'bgr',
  });
  return [...plain, ...plain.map(turned)];
}

/**
 * Images as a model would take them, layout aside: what the graph of the preprocessing computes.
 * @throws RampartError `usage` where mean or std have neither one value nor one a channel
 */
export function preprocessed({ data, shape, box, count }: ImageBatch, preprocess: Preprocess): Float32Array {
  const { channels, height, width } = shape;
  const { range = box, mean = [0], std = [1], order } = preprocess;
  for (const values of [mean, std]) {
    if (values.length === 1 || values.length === channels) continue;
    throw new RampartError({
      code: 'usage',
      message: `Expected a mean and a std of one value or of one for each of ${channels} channels. Received ${values.join(', ')}.`,
    });
  }
  const scaling = (range.max - range.min) / (box.max - box.min);
  const area = height * width;
  const size = featureCount(shape);
  const made = new Float32Array(data.length);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      const from = i * size + (order === 'bgr' ? channels - 1 - c : c) * area;
      const to = i * size + c * area;
      const shift = range.min - (mean[c] ?? mean[0]!);
      const deviation = std[c] ?? std[0]!;
      for (let k = 0; k < area; k++) made[to + k] = ((data[from + k]! - box.min) * scaling + shift) / deviation;
    }
  }
  return made;
}
