import {
  featureCount,
  formatShape,
  type ImageShape,
  type ModelView,
  type PixelBox,
  pixelBox,
  RampartError,
  sampleDims,
  sampleShape,
} from '@rampart/core';
import { type ElementType, float32Tensor, type Graph, GraphBuilder, int64Vector, type ValueInfo } from '@rampart/onnx';

import { asTaken, pixelRange } from '../inputs/as-taken';
import { takenDims } from './taken-dims';

/** How images of a dataset become what a model was trained on: scaled to `range`, then normalised, then laid out. */
export interface Preprocess {
  /**
   * The interval that the model's training mapped pixels to, before mean and std. Default: the box itself, 0..255 for a
   * model that takes whole numbers.
   */
  readonly range?: PixelBox;
  /** Subtracted after scaling: one value, or one a channel. Default 0. */
  readonly mean?: readonly number[];
  /** Divided by after the mean: one value, or one a channel. Default 1. */
  readonly std?: readonly number[];
  /** Order of colours in which the model takes them; mean and std are in the same. Default `rgb`. */
  readonly order?: 'rgb' | 'bgr';
  /** Order of the model's axes. Default: what the shape of its input says, else `nchw`. */
  readonly layout?: 'nchw' | 'nhwc';
}

/**
 * Reads `range=0..1 mean=0.485,0.456,0.406 std=0.229,0.224,0.225 order=bgr layout=nhwc`, each part optional.
 * @throws RampartError `usage` that names the part that cannot be read
 */
export function parsePreprocess(text: string): Preprocess {
  if (text.trim() === 'auto') {
    throw new RampartError({
      code: 'usage',
      message:
        'The preprocessing "auto" is chosen by the images of a dataset. Expected range=MIN..MAX, mean=NUMBERS, std=NUMBERS, order=rgb|bgr or layout=nchw|nhwc where there is none.',
    });
  }
  const result: { -readonly [K in keyof Preprocess]: Preprocess[K] } = {};
  for (const part of text.split(/\s+/).filter(Boolean)) {
    const [key, value = ''] = part.split('=', 2) as [string, string?];
    if (key === 'range') result.range = parseRange(value);
    else if (key === 'mean') result.mean = parseNumbers(key, value);
    else if (key === 'std') result.std = parseNumbers(key, value);
    else if (key === 'order' && (value === 'rgb' || value === 'bgr')) result.order = value;
    else if (key === 'layout' && (value === 'nchw' || value === 'nhwc')) result.layout = value;
    else throw unreadable(part, 'range=MIN..MAX, mean=NUMBERS, std=NUMBERS, order=rgb|bgr or layout=nchw|nhwc');
  }
  return result;
}

/** The way back from `parsePreprocess`. */
export function formatPreprocess({ range, mean, std, order, layout }: Preprocess): string {
  return [
    range && `range=${range.min}..${range.max}`,
    mean && `mean=${mean.join(',')}`,
    std && `std=${std.join(',')}`,
    order && `order=${order}`,
    layout && `layout=${layout}`,
  ]
    .filter(Boolean)
    .join(' ');
}

function parseRange(text: string): PixelBox {
  const bounds = text.split('..').map(toNumber);
  if (bounds.length !== 2) throw unreadable(`range=${text}`, 'two bounds, such as range=0..1');
  return pixelBox(bounds[0]!, bounds[1]!);
}

function parseNumbers(key: string, text: string): readonly number[] {
  const values = text.split(',').map(toNumber);
  if (values.some((value) => !Number.isFinite(value)) || (key === 'std' && values.includes(0))) {
    throw unreadable(`${key}=${text}`, `finite numbers parted by commas${key === 'std' ? ', none of them 0' : ''}`);
  }
  return values;
}

function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

function unreadable(part: string, expected: string): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The preprocessing "${part}" cannot be read. Expected ${expected}.`,
  });
}

/**
 * The layout of a model's input: as told, else the one in which it fits the images' shape, else `nhwc` only where the
 * last axis alone looks like channels.
 */
export function layoutOf(input: ValueInfo, preprocess: Preprocess, given?: ImageShape): 'nchw' | 'nhwc' {
  if (preprocess.layout) return preprocess.layout;
  const sizes = input.dims?.slice(1) ?? [];
  if (sizes.length !== 3) return 'nchw';
  if (given) {
    const fits = (...expected: readonly number[]) =>
      sizes.every((size, axis) => typeof size !== 'number' || size === expected[axis]);
    const { channels, height, width } = given;
    return !fits(channels, height, width) && fits(height, width, channels) ? 'nhwc' : 'nchw';
  }
  const few = (size: unknown) => size === 1 || size === 3 || size === 4;
  return few(sizes[2]) && typeof sizes[0] === 'number' && !few(sizes[0]) ? 'nhwc' : 'nchw';
}

/**
 * The shape of the images that a model takes.
 * @param given the images' shape where it is known; needed where the input is flat or of unknown size
 * @throws RampartError `bad-model` when the input is no image, or not one of the given shape
 */
export function imageShapeOf(input: ValueInfo, layout: 'nchw' | 'nhwc', given: ImageShape | undefined): ImageShape {
  const sizes = input.dims?.slice(1);
  const found = sizes && (given?.dims ? takenDims(sizes, given) && given : shapeOfSizes(sizes, layout, given));
  if (!found) {
    const isPicture = sizes === undefined || sizes.length === 3;
    throw new RampartError({
      code: 'bad-model',
      message: `Expected a model whose input "${input.name}" is a batch of ${given?.dims || !isPicture ? 'samples' : 'images'}${given ? ` of shape ${formatShape(given)}` : ' of known size'}. Received an input of shape ${formatDims(input)}${isPicture ? `, read as ${layout}` : ''}.${given ? '' : ` Say what one ${isPicture ? 'image' : 'sample'} is: --shape ${exampleOf(sizes, layout)}.`}`,
    });
  }
  return found;
}

/** A shape that a sample could have, for somebody to put the right sizes into. */
function exampleOf(sizes: ValueInfo['dims'], layout: 'nchw' | 'nhwc'): string {
  const usual = sizes?.length === 1 ? [512] : sizes?.length === 2 ? [16, 512] : [3, 224, 224];
  const given = sizes?.length === 3 && layout === 'nhwc' ? [sizes[2], sizes[0], sizes[1]] : (sizes ?? usual);
  return given.map((size, axis) => (isSize(size) ? size : (usual[axis] ?? 224))).join('x');
}

function shapeOfSizes(
  sizes: readonly (number | string | undefined)[],
  layout: 'nchw' | 'nhwc',
  given: ImageShape | undefined,
): ImageShape | undefined {
  const known = (size: number | string | undefined, other: number | undefined) =>
    typeof size === 'number' ? (other === undefined || other === size ? size : undefined) : other;
  if (sizes.length === 3) {
    const [channels, height, width] = layout === 'nchw' ? sizes : [sizes[2], sizes[0], sizes[1]];
    const found = {
      channels: known(channels, given?.channels),
      height: known(height, given?.height),
      width: known(width, given?.width),
    };
    if (!found.channels || !found.height || !found.width) return undefined;
    return { channels: found.channels, height: found.height, width: found.width };
  }
  if (sizes.length === 2) return shapeOfSizes(layout === 'nchw' ? [1, ...sizes] : [...sizes, 1], layout, given);
  if (!given && sizes.length > 3) return sizes.every(isSize) ? sampleShape(sizes) : undefined;
  if (sizes.length !== 1) return undefined;
  const features = known(sizes[0], given && featureCount(given));
  return features ? (given ?? { channels: 1, height: 1, width: features }) : undefined;
}

function isSize(size: number | string | undefined): size is number {
  return typeof size === 'number' && size > 0;
}

/** `float32[batch, 1, 28, 28]` without the type, `[...]` where nothing is known. */
export function formatDims({ dims }: ValueInfo): string {
  return dims ? `[${dims.map((dim) => dim ?? '?').join(', ')}]` : '[...]';
}

export interface PreprocessContext {
  readonly preprocess: Preprocess;
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly layout: 'nchw' | 'nhwc';
  /** Units of each feature, where they are no pixels: the model takes `scale` times it, plus `shift`. */
  readonly units?: FeatureUnits | undefined;
  /** Images are taken as `scale` times themselves plus `shift`, before all else. */
  readonly feed?: ModelView['feed'];
}

/** One value a feature. */
export interface FeatureUnits {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/**
 * Nodes from images [batch, channels, height, width] in the box to what the model takes: an affine map of every
 * channel, the layout, the rank and the element type. Undefined where they are the same.
 */
export function preprocessGraph(input: ValueInfo, context: PreprocessContext): Graph | undefined {
  const { shape, layout } = context;
  const builder = new GraphBuilder();
  let value = builder.input('image', 'float32', [
    input.dims?.[0] ?? 'batch',
    shape.channels,
    shape.height,
    shape.width,
  ]);
  value = reordered(builder, value, context);
  const { scale, offset, dims } = affine(input, context);
  if (scale.some((factor) => factor !== 1)) {
    value = builder.node('Mul', [value, builder.constant(float32Tensor(dims, scale))]);
  }
  if (offset.some((term) => term !== 0)) {
    value = builder.node('Add', [value, builder.constant(float32Tensor(dims, offset))]);
  }
  if (layout === 'nhwc' && !shape.dims) value = builder.node('Transpose', [value], { perm: [0, 2, 3, 1] });
  const sizes = input.dims?.slice(1);
  if (shape.dims || (sizes && sizes.length > 3)) {
    const taken = (sizes && takenDims(sizes, shape)) ?? sampleDims(shape);
    value = builder.node('Reshape', [value, builder.constant(int64Vector([0, ...taken]))]);
  } else if (sizes?.length === 1) value = builder.node('Flatten', [value], { axis: 1 });
  else if (sizes?.length === 2) {
    value = builder.node('Reshape', [value, builder.constant(int64Vector([0, shape.height, shape.width]))]);
  }
  value = asTaken(builder, value, input);
  if (value === 'image') return undefined;
  builder.output(value);
  return builder.build('preprocess');
}

/** The way back: from what the model takes to images in their box. Undefined where they are the same. */
export function inversePreprocessGraph(input: ValueInfo, context: PreprocessContext): Graph | undefined {
  const { shape, layout } = context;
  const builder = new GraphBuilder();
  let value = builder.input(input.name, input.type as ElementType, input.dims);
  if (input.type !== 'float32') value = builder.node('Cast', [value], { to: FLOAT32 });
  const { channels, height, width } = shape;
  const turned = layout === 'nhwc' && !shape.dims;
  const sizes = turned ? [height, width, channels] : [channels, height, width];
  if (shape.dims || (input.dims?.length ?? 4) !== 4) {
    value = builder.node('Reshape', [value, builder.constant(int64Vector([0, ...sizes]))]);
  }
  if (turned) value = builder.node('Transpose', [value], { perm: [0, 3, 1, 2] });
  const { scale, offset, dims } = affine(input, context);
  if (offset.some((term) => term !== 0)) {
    value = builder.node('Sub', [value, builder.constant(float32Tensor(dims, offset))]);
  }
  if (scale.some((factor) => factor !== 1)) {
    value = builder.node('Div', [value, builder.constant(float32Tensor(dims, scale))]);
  }
  value = reordered(builder, value, context);
  if (value === input.name) return undefined;
  builder.output(value);
  return builder.build('undo preprocess');
}

/** Channels the other way round, where the model takes blue first; its own inverse. */
function reordered(builder: GraphBuilder, value: string, { preprocess, shape }: PreprocessContext): string {
  if (preprocess.order !== 'bgr') return value;
  if (shape.channels !== 3 || shape.dims) {
    throw new RampartError({
      code: 'usage',
      message: `The preprocessing's order=bgr needs images of 3 channels. Received ${formatShape(shape)}.`,
    });
  }
  return builder.node('Gather', [value, builder.constant(int64Vector([2, 1, 0]))], { axis: 1 });
}

/** What values are multiplied by and what is added then, with the axes of both. */
interface Affine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  readonly dims: readonly number[];
}

function affine(input: ValueInfo, { preprocess, shape, box, units, feed }: PreprocessContext): Affine {
  const { scale: factor, shift } = feed ?? { scale: 1, shift: 0 };
  const mean = perChannel('mean', preprocess.mean ?? [0], shape);
  const std = perChannel('std', preprocess.std ?? [1], shape);
  const { channels, height, width } = shape;
  if (units) {
    if (preprocess.range) throw rangeOfUnits();
    const area = height * width;
    const per = (k: number) => units.scale[k]! / (box.max - box.min);
    const channel = (k: number) => Math.floor(k / area);
    return {
      scale: units.scale.map((_, k) => (per(k) / std[channel(k)]!) * factor),
      offset: units.shift.map(
        (start, k) => ((shift - box.min) * per(k) + start - mean[channel(k)]!) / std[channel(k)]!,
      ),
      dims: [1, channels, height, width],
    };
  }
  const range = preprocess.range ?? pixelRange(input) ?? box;
  const scaling = (range.max - range.min) / (box.max - box.min);
  return {
    scale: mean.map((_, channel) => (scaling / std[channel]!) * factor),
    offset: mean.map((value, channel) => ((shift - box.min) * scaling + range.min - value) / std[channel]!),
    dims: [1, channels, 1, 1],
  };
}

function rangeOfUnits(): RampartError {
  return new RampartError({
    code: 'usage',
    message:
      "The preprocessing's range is of pixels. Received features that have units of their own, in which the model takes them: leave range out.",
  });
}

function perChannel(what: string, values: readonly number[], { channels }: ImageShape): readonly number[] {
  if (values.length === channels) return values;
  if (values.length === 1) return Array.from({ length: channels }, () => values[0]!);
  throw new RampartError({
    code: 'usage',
    message: `The preprocessing's ${what} needs one value or one for each of ${channels} channels. Received ${values.length}: ${values.join(', ')}.`,
  });
}

/** Number of ONNX's TensorProto.DataType. */
const FLOAT32 = 1;
