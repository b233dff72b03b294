import { pixelBox, sampleShape } from '@rampart/core';
import { writeCard } from '@rampart/models';
import { float32Tensor, GraphBuilder, type Model } from '@rampart/onnx';

export const SHAPE = sampleShape([1, 2, 2]);
export const BOX = pixelBox(-1, 1);
export const WEIGHTS = [0.3, -0.4, 1.2, 0.1];
export const BIAS = 0.05;
export const NORM = Math.hypot(...WEIGHTS);

/** Two classes that a plane parts. */
export function linear(): Model {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 1, 2, 2]);
  const weights = builder.constant(
    float32Tensor(
      [4, 2],
      WEIGHTS.flatMap((weight) => [weight, 0]),
    ),
  );
  const flat = builder.node('Flatten', ['input'], { axis: 1 });
  builder.node('Gemm', [flat, weights, builder.constant(float32Tensor([2], [BIAS, 0]))], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['batch', 2]);
  const metadata = writeCard({ architecture: undefined, shape: SHAPE, box: BOX, classes: 2 });
  const graph = builder.build('plane');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'test', metadata, functions: [], graph };
}
