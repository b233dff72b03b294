import * as tf from '@tensorflow/tfjs-core';
// Brings the gradients of tfjs's operations.
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import { Rng } from '@rampart/core';

import { tfjsBackend } from './backend';
import { registerMissingKernels } from './wasm-kernels';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

beforeAll(() => {
  process.env['RAMPART_TFJS_BACKEND'] = 'wasm';
});

const size = (max: number) => fc.integer({ min: 1, max });

const problem = fc.record({
  batch: size(3),
  height: fc.integer({ min: 3, max: 8 }),
  width: fc.integer({ min: 3, max: 8 }),
  channels: size(3),
  filters: size(3),
  window: fc.tuple(size(3), size(3)),
  strides: fc.tuple(size(3), size(3)),
  pad: fc.constantFrom('same' as const, 'valid' as const),
  seed: fc.nat(),
});

/** dW[r, s, c, f] = sum over n, i, j of x[n, i * stride + r - top, j * stride + s - left, c] * dy[n, i, j, f]. */
function byDefinition(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  window: readonly [number, number],
  strides: readonly [number, number],
  pad: 'same' | 'valid',
): number[] {
  const [, height, width, channels] = x.shape;
  const [batch, rows, columns, filters] = dy.shape;
  const before = (length: number, outputs: number, axis: 0 | 1) =>
    pad === 'valid' ? 0 : Math.floor(Math.max(0, (outputs - 1) * strides[axis] + window[axis] - length) / 2);
  const [top, left] = [before(height, rows, 0), before(width, columns, 1)];
  const [xs, ys] = [x.dataSync(), dy.dataSync()];
  const result: number[] = [];
  for (let r = 0; r < window[0]; r++) {
    for (let s = 0; s < window[1]; s++) {
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < filters; f++) {
          let sum = 0;
          for (let n = 0; n < batch; n++) {
            for (let i = 0; i < rows; i++) {
              for (let j = 0; j < columns; j++) {
                const [h, w] = [i * strides[0] + r - top, j * strides[1] + s - left];
                if (h < 0 || w < 0 || h >= height || w >= width) continue;
                sum +=
                  xs[((n * height + h) * width + w) * channels + c]! *
                  ys[((n * rows + i) * columns + j) * filters + f]!;
              }
            }
          }
          result.push(sum);
        }
      }
    }
  }
  return result;
}

it("computes a convolution's gradient for its filter, whatever the strides and the padding", async () => {
  await tfjsBackend();
  registerMissingKernels();
  await fc.assert(
    fc.asyncProperty(problem, async ({ batch, height, width, channels, filters, window, strides, pad, seed }) => {
      const rng = Rng.root(seed);
      const draw = (shape: [number, number, number, number]) =>
        tf.tensor4d(
          Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()),
          shape,
        );
      const before = tf.memory().numTensors;
      const x = draw([batch, height, width, channels]);
      const filter = draw([...window, channels, filters]);
      const output = tf.conv2d(x, filter, strides, pad);
      const dy = draw(output.shape);
      const gradient = tf.grad((w) => tf.conv2d(x, w as tf.Tensor4D, strides, pad))(filter, dy);
      const expected = byDefinition(x, dy, window, strides, pad);
      const received = gradient.dataSync();
      expect(received).toHaveLength(expected.length);
      expected.forEach((value, k) => expect(received[k]).toBeCloseTo(value, 3));
      tf.dispose([x, filter, output, dy, gradient]);
      expect(tf.memory().numTensors).toBe(before);
    }),
    { numRuns: 60, seed: 11 },
  );
});
