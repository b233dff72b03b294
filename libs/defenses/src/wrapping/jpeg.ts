import { defineDefense, isImage, RampartError } from '@rampart/core';
import { type GraphBuilder, int64Vector, scalar } from '@rampart/onnx';
import { z } from 'zod';

import { asOneStep, clipped, constant, type FrontContext, inFront } from './in-front';

/** Pixels of a side of a block. */
const BLOCK = 8;

/** How coarsely frequencies are kept at quality 50, of luminance and of colour (ITU-T T.81, annex K, tables K.1, K.2). */
const LUMINANCE = `16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
   18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99`;
const CHROMINANCE = `17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99
   99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99`;

/** From red, green and blue to luminance and two differences of colour, and back (JFIF 1.02). */
const TO_YCC = [0.299, 0.587, 0.114, -0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312];
const TO_RGB = [1, 0, 1.402, 1, -0.344136, -0.714136, 1, 1.772, 0];

/**
 * JPEG compression (Das et al. 2017; Guo et al. 2018): the cosine transform of blocks of 8x8 pixels, its coefficients
 * rounded to multiples that the quality sets, and the transform back, as a graph. Entropy coding, which loses nothing, is
 * left out.
 */
export const jpeg = defineDefense({
  name: 'jpeg',
  summary: 'Compresses every image as JPEG does and decompresses it again, in front of the unchanged model.',
  source:
    'Das et al. 2017, "Keeping the bad guys out: protecting and vaccinating deep learning with JPEG compression"; Guo et al. 2018, "Countering adversarial images using input transformations"; ITU-T T.81',
  version: 1,
  keepsWeights: true,
  params: z.object({
    quality: z.int().min(1).max(100).default(75).describe("From 1 to 100, as in the Independent JPEG Group's library."),
    subsampling: z
      .boolean()
      .default(true)
      .describe('Whether four pixels share their colour (4:2:0); of images of one channel there is none.'),
  }),
  obfuscates: () => ['shattered'],
  async harden(params, problem) {
    const { shape } = problem.train.images;
    if (!isImage(shape) || (shape.channels !== 1 && shape.channels !== 3)) {
      throw new RampartError({
        code: 'usage',
        message: `Defense "jpeg" compresses images of 1 or 3 channels. Received samples of ${shape.channels}x${shape.height}x${shape.width}. Choose another defense for them, such as feature-squeezing(smoothing=none).`,
      });
    }
    const model = await asOneStep(problem, () =>
      inFront(problem, (context) => compressed(context, params), { shattered: true }),
    );
    return { model, curves: [], facts: { quality: params.quality } };
  },
});

function compressed(
  { builder, shape: { channels, height, width }, unit }: FrontContext,
  { quality, subsampling }: { readonly quality: number; readonly subsampling: boolean },
): string {
  const number = (value: number) => builder.constant(scalar(value));
  const ints = (...values: number[]) => builder.constant(int64Vector(values));
  const whole = (value: string) => builder.node('Round', [value]);
  const pixels = whole(builder.node('Mul', [unit, number(255)]));
  const centred = (value: string) => builder.node('Sub', [value, number(128)]);
  const decoded = (value: string) => clipped(builder, whole(builder.node('Add', [value, number(128)])), 0, 255);
  const scaled = (value: string) => builder.node('Div', [value, number(255)]);
  const size = { height, width };
  if (channels === 1)
    return scaled(decoded(blockwise(builder, centred(pixels), LUMINANCE, { quality, planes: 1, ...size })));

  const mix = (value: string, matrix: readonly number[]) =>
    builder.node('Conv', [value, constant(builder, [3, 3, 1, 1], matrix)]);
  const part = (value: string, from: number, to: number) =>
    builder.node('Slice', [value, ints(from), ints(to), ints(1)]);
  const ycc = mix(pixels, TO_YCC);
  const luminance = decoded(
    blockwise(builder, centred(whole(part(ycc, 0, 1))), LUMINANCE, { quality, planes: 1, ...size }),
  );
  const colour = colours(builder, part(ycc, 1, 3), { quality, halved: subsampling, ...size });
  const joined = builder.node('Concat', [centred(luminance), colour], { axis: 1 });
  const y = builder.node('Add', [mix(joined, TO_RGB), number(128)]);
  return scaled(clipped(builder, whole(y), 0, 255));
}

/** The two differences of colour, around 0. */
function colours(
  builder: GraphBuilder,
  values: string,
  { quality, halved, height, width }: { quality: number; halved: boolean; height: number; width: number },
): string {
  const side = halved ? 2 : 1;
  const [h, w] = [Math.ceil(height / side), Math.ceil(width / side)];
  const even = padded(builder, values, { height: h * side - height, width: w * side - width });
  const fewer = halved ? builder.node('AveragePool', [even], { kernel_shape: [2, 2], strides: [2, 2] }) : even;
  const whole = builder.node('Round', [fewer]);
  const kept = blockwise(builder, whole, CHROMINANCE, { quality, planes: 2, height: h, width: w });
  const decoded = clipped(builder, builder.node('Round', [kept]), -128, 127);
  if (!halved) return decoded;
  // Each value four times.
  const ones = constant(builder, [2, 1, 2, 2], new Float32Array(8).fill(1));
  const more = builder.node('ConvTranspose', [decoded, ones], { group: 2, strides: [2, 2] });
  return cut(builder, more, { height, width });
}

/** What is left of planes, [batch, planes, height, width], whose blocks are rounded frequency by frequency. */
function blockwise(
  builder: GraphBuilder,
  values: string,
  table: string,
  { quality, planes, height, width }: { quality: number; planes: number; height: number; width: number },
): string {
  const up = (size: number) => BLOCK * Math.ceil(size / BLOCK);
  const full = padded(builder, values, { height: up(height) - height, width: up(width) - width });
  const ints = (...sizes: number[]) => builder.constant(int64Vector(sizes));
  const single = builder.node('Reshape', [full, ints(-1, 1, up(height), up(width))]);
  const basis = constant(builder, [BLOCK ** 2, 1, BLOCK, BLOCK], cosines());
  const frequencies = builder.node('Conv', [single, basis], { strides: [BLOCK, BLOCK] });
  const steps = constant(builder, [1, BLOCK ** 2, 1, 1], stepsAt(table, quality));
  const kept = builder.node('Mul', [builder.node('Round', [builder.node('Div', [frequencies, steps])]), steps]);
  const back = builder.node('ConvTranspose', [kept, basis], { strides: [BLOCK, BLOCK] });
  const together = builder.node('Reshape', [back, ints(-1, planes, up(height), up(width))]);
  return cut(builder, together, { height, width });
}

/** More rows and columns like the last ones. */
function padded(builder: GraphBuilder, values: string, { height, width }: { height: number; width: number }): string {
  if (height === 0 && width === 0) return values;
  const widths = builder.constant(int64Vector([0, 0, 0, 0, 0, 0, height, width]));
  return builder.node('Pad', [values, widths], { mode: 'edge' });
}

function cut(builder: GraphBuilder, values: string, { height, width }: { height: number; width: number }): string {
  const ints = (...places: number[]) => builder.constant(int64Vector(places));
  return builder.node('Slice', [values, ints(0, 0), ints(height, width), ints(2, 3)]);
}

/** The orthonormal basis of the cosine transform: [frequency, row, column], frequencies row by row. */
function cosines(): Float32Array {
  const wave = (u: number, x: number) =>
    Math.sqrt((u === 0 ? 1 : 2) / BLOCK) * Math.cos(((2 * x + 1) * u * Math.PI) / (2 * BLOCK));
  return Float32Array.from({ length: BLOCK ** 4 }, (_, i) => {
    const [v, u, y, x] = [Math.floor(i / BLOCK ** 3), Math.floor(i / BLOCK ** 2), Math.floor(i / BLOCK), i];
    return wave(v % BLOCK, y % BLOCK) * wave(u % BLOCK, x % BLOCK);
  });
}

/** The table at a quality: half as coarse at 75, and all ones at 100. */
function stepsAt(table: string, quality: number): number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return table
    .trim()
    .split(/\s+/)
    .map((step) => Math.min(255, Math.max(1, Math.floor((Number(step) * percent + 50) / 100))));
}
