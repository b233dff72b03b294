import { defineDefense } from '@rampart/core';
import { float, type GraphBuilder, int64Vector, scalar } from '@rampart/onnx';
import { z } from 'zod';

import { asOneStep, constant, type FrontContext, inFront } from './in-front';

const parameters = z
  .object({
    least: z
      .number()
      .min(0.1)
      .max(1)
      .default(0.85)
      .describe('Images shrink to a random part of their size, from this up to 1, each on its own, at a random place.'),
    noise: z.number().min(0).max(1).default(0).describe('Standard deviation of Gaussian noise, as a part of the box.'),
  })
  .refine(({ least, noise }) => least < 1 || noise > 0, {
    message: 'Expected least below 1, noise above 0, or both. Received least=1 and noise=0, which change nothing',
  });

/**
 * Randomisation of the input (Xie et al. 2018): every time that the model is asked, each image is resized at random,
 * padded at random back to its size, and given noise.
 */
export const inputRandomisation = defineDefense({
  name: 'input-randomisation',
  summary: 'Resizes and pads every image at random and adds noise, in front of the unchanged model.',
  source: 'Xie et al. 2018, "Mitigating adversarial effects through randomization"',
  version: 1,
  keepsWeights: true,
  params: parameters,
  obfuscates: () => ['stochastic'],
  async harden(params, problem) {
    const model = await asOneStep(problem, () =>
      inFront(problem, (context) => randomised(context, params), { shattered: false }),
    );
    return { model, curves: [], facts: { ...params } };
  },
});

function randomised(
  { builder, shape: { height, width }, unit }: FrontContext,
  { least, noise }: z.output<typeof parameters>,
): string {
  let images = unit;
  if (least < 1) {
    const axes = builder.constant(int64Vector([1, 2, 3]));
    // Of the images these have the number alone: [batch, 1, 1, 1].
    const each = builder.node('ReduceSum', [unit, axes], { keepdims: 1 });
    const uniform = (low: number, high: number) =>
      builder.node('RandomUniformLike', [each], { low: float(low), high: float(high) });
    const scale = uniform(least, 1);
    const rows = placed(builder, { size: height, scale, place: uniform(0, 1) });
    const columns = placed(builder, { size: width, scale, place: uniform(0, 1) });
    const across = builder.node('Transpose', [columns], { perm: [0, 1, 3, 2] });
    images = builder.node('MatMul', [builder.node('MatMul', [rows, images]), across]);
  }
  if (noise === 0) return images;
  return builder.node('Add', [
    images,
    builder.node('RandomNormalLike', [images], { mean: float(0), scale: float(noise) }),
  ]);
}

/**
 * The matrix, [batch, 1, size, size], that shrinks a line of pixels by linear interpolation and puts it at a place, from
 * 0 for the beginning to 1 for the end; what it leaves free is 0.
 */
function placed(
  builder: GraphBuilder,
  { size, scale, place }: { readonly size: number; readonly scale: string; readonly place: string },
): string {
  const number = (value: number) => builder.constant(scalar(value));
  const steps = Array.from({ length: size }, (_, i) => i);
  const to = constant(builder, [1, 1, size, 1], steps);
  const from = constant(builder, [1, 1, 1, size], steps);
  const free = builder.node('Mul', [builder.node('Sub', [number(1), scale]), number(size - 1)]);
  const offset = builder.node('Mul', [place, free]);
  const source = builder.node('Div', [builder.node('Sub', [to, offset]), scale]);
  const distance = builder.node('Abs', [builder.node('Sub', [source, from])]);
  return builder.node('Relu', [builder.node('Sub', [number(1), distance])]);
}
