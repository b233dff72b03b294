import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';

import { learningRateRange } from './learning-rate-range';
import { classification, oneHot } from './objective';
import { adam } from './optimiser';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const COUNT = 64;
const shape = { channels: 1, height: 16, width: 16 };

async function found() {
  const rng = Rng.root('range');
  const model = await createModel(
    { name: 'lenet5', params: { conv1: 2, conv2: 3, dense1: 8, dense2: 6 } },
    { shape, classes: 2, box: PUBLICATION_BOX, rng: rng.split('weights') },
  );
  const images = Float32Array.from(
    { length: COUNT * 256 },
    (_, k) => rng.uniform() - 0.5 + 0.1 * (Math.floor(k / 256) % 2),
  );
  return learningRateRange({
    ...{ engine: 'onnx', model, objective: classification(), optimiser: adam(), batchSize: 16, rng },
    data: {
      count: COUNT,
      views: {
        images: { data: images, shape: [1, 16, 16] },
        labels: {
          data: oneHot(
            Array.from({ length: COUNT }, (_, i) => i % 2),
            2,
          ),
          shape: [2],
        },
      },
    },
  });
}

it('finds a rate at which the loss falls, below those that lead off course', async () => {
  const { rate, points } = await found();
  expect(rate).toBeGreaterThan(1e-5);
  expect(rate).toBeLessThan(0.1);
  const at = (least: number) => points.find((point) => point.rate >= least)!.loss;
  expect(at(rate)).toBeLessThan(points[0]!.loss);
  points.slice(1).forEach((point, i) => expect(point.rate).toBeGreaterThan(points[i]!.rate));
});
