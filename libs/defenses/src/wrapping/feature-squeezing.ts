import { defineDefense } from '@rampart/core';
import { type GraphBuilder, int64Vector } from '@rampart/onnx';
import { z } from 'zod';

import { asOneStep, type FrontContext, inFront, quantised } from './in-front';

const parameters = z
  .object({
    bits: z
      .int()
      .min(0)
      .max(8)
      .default(4)
      .describe('Bits that are left of each value: 2^bits levels from one end of the box to the other; 0 for all.'),
    smoothing: z
      .enum(['median', 'mean', 'none'])
      .default('median')
      .describe('What each pixel becomes of its window, channel by channel.'),
    window: z.int().min(2).max(7).default(2).describe('Pixels of a side of the window.'),
  })
  .refine(({ bits, smoothing }) => bits > 0 || smoothing !== 'none', {
    message:
      'Expected fewer bits, a smoothing, or both. Received bits=0 and smoothing=none, which leave images as they are',
  });

/**
 * Feature squeezing (Xu et al. 2018, section 3): the colour depth is reduced and pixels are smoothed with their
 * neighbours before the model sees an image, which stays as it is.
 */
export const featureSqueezing = defineDefense({
  name: 'feature-squeezing',
  summary: 'Reduces the colour depth of images and smooths them, in front of the unchanged model.',
  source: 'Xu, Evans, Qi 2018, "Feature squeezing: detecting adversarial examples in deep neural networks", section 3',
  version: 1,
  keepsWeights: true,
  params: parameters,
  obfuscates: ({ bits }) => (bits > 0 ? ['shattered'] : []),
  async harden(params, problem) {
    const shattered = params.bits > 0;
    const model = await asOneStep(problem, () =>
      inFront(problem, (context) => squeezed(context, params), { shattered }),
    );
    return { model, curves: [], facts: { levels: shattered ? 2 ** params.bits : 'all' } };
  },
});

function squeezed(
  { builder, shape, unit }: FrontContext,
  { bits, smoothing, window }: z.output<typeof parameters>,
): string {
  const coarse = bits > 0 ? quantised(builder, unit, 2 ** bits - 1) : unit;
  if (smoothing === 'none') return coarse;
  // A window of even size reaches farther to the left and above.
  const [before, after] = [Math.floor(window / 2), Math.ceil(window / 2) - 1];
  const widths = builder.constant(int64Vector([0, 0, before, before, 0, 0, after, after]));
  const padded = builder.node('Pad', [coarse, widths], { mode: 'edge' });
  if (smoothing === 'mean') return builder.node('AveragePool', [padded], { kernel_shape: [window, window] });
  return median(builder, padded, { ...shape, window });
}

/** The median of each window; of an even number of values the upper one. */
function median(
  builder: GraphBuilder,
  padded: string,
  { height, width, window }: { readonly height: number; readonly width: number; readonly window: number },
): string {
  const ints = (...values: number[]) => builder.constant(int64Vector(values));
  const last = ints(4);
  const shifted = Array.from({ length: window ** 2 }, (_, i) => {
    const [y, x] = [Math.floor(i / window), i % window];
    const part = builder.node('Slice', [padded, ints(y, x), ints(y + height, x + width), ints(2, 3)]);
    return builder.node('Unsqueeze', [part, last]);
  });
  const neighbours = builder.node('Concat', shifted, { axis: 4 });
  const rank = window ** 2 - Math.floor(window ** 2 / 2);
  const [largest] = builder.node('TopK', [neighbours, ints(rank)], { axis: 4 }, { outputs: 2 });
  return builder.node('Squeeze', [builder.node('Slice', [largest!, ints(rank - 1), ints(rank), last]), last]);
}
