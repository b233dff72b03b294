import { type Progress, PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';
import { readModel } from '@rampart/onnx';

import { classification, oneHot } from './objective';
import { adam, sgd } from './optimiser';
import { train, type TrainOptions } from './train';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const SHAPE = { channels: 1, height: 16, width: 16 };
const COUNT = 22;

/** Squares and crosses, which a network of any size tells apart. */
function samples() {
  const rng = Rng.root('samples');
  const images = new Float32Array(COUNT * 256).fill(-0.5);
  const labels = new Int32Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    labels[i] = i % 2;
    const [top, left] = [rng.integer(8), rng.integer(8)];
    for (let k = 0; k < 8; k++) {
      const cells =
        labels[i] === 0
          ? [
              [0, k],
              [7, k],
              [k, 0],
              [k, 7],
            ]
          : [
              [k, k],
              [k, 7 - k],
            ];
      for (const [row, column] of cells) images[i * 256 + (top + row!) * 16 + left + column!] = 0.5;
    }
  }
  return { images, labels };
}

async function options(changes: Partial<TrainOptions> = {}): Promise<TrainOptions> {
  const { images, labels } = samples();
  return {
    engine: 'onnx',
    model: await createModel('lenet5(conv1=3, conv2=4, dense1=10, dense2=6)', {
      shape: SHAPE,
      classes: 2,
      box: PUBLICATION_BOX,
      rng: Rng.root('model'),
    }),
    objective: classification(),
    optimiser: adam(0.01),
    data: {
      views: { images: { data: images, shape: [1, 16, 16] }, labels: { data: oneHot(labels, 2), shape: [2] } },
      count: COUNT,
    },
    epochs: 12,
    batchSize: 8,
    rng: Rng.root('order'),
    ...changes,
  };
}

const weights = (file: Uint8Array) =>
  [...readModel(file).graph.initializers].map(([name, { data }]) => ({ name, data: data as Float32Array }));

describe('train', () => {
  it('learns', async () => {
    const { losses } = await train(await options({ epochs: 60 }));
    expect(losses).toHaveLength(60);
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]!);
  });

  it('takes rows that lie in several arrays for rows of one', async () => {
    const given = await options({ epochs: 1 });
    const { images, labels } = samples();
    const parts = [images.subarray(0, 5 * 256), new Float32Array(), images.subarray(5 * 256)];
    const inParts = {
      count: COUNT,
      views: { images: { parts, shape: [1, 16, 16] }, labels: { data: oneHot(labels, 2), shape: [2] } },
    };
    expect(await train({ ...given, data: inParts })).toEqual(await train(given));
    const cut = { parts: [images.subarray(0, 100), images.subarray(100)], shape: [1, 16, 16] };
    await expect(train({ ...given, data: { count: COUNT, views: { ...inParts.views, images: cut } } })).rejects.toThrow(
      /"images" to have 22 rows of 256 values. Received 100 and 5532 values/,
    );
  });

  it('gives the same bytes for the same generator, other bytes for another', async () => {
    const { model } = await train(await options({ epochs: 2 }));
    expect(Buffer.compare((await train(await options({ epochs: 2 }))).model, model)).toBe(0);
    const other = await train(await options({ epochs: 2, rng: Rng.root('another order') }));
    expect(Buffer.compare(other.model, model)).not.toBe(0);
  });

  it.each(['constant', 'linear'] as const)('shows every engine the same batches (%s rate)', async (schedule) => {
    const changes = { epochs: 3, optimiser: sgd(0.02), schedule };
    const onnx = await train(await options(changes));
    const tfjs = await train(await options({ ...changes, engine: 'tfjs' }));
    expect(tfjs.losses.length).toBe(3);
    tfjs.losses.forEach((loss, epoch) => expect(onnx.losses[epoch]).toBeCloseTo(loss, 4));
    const expected = weights(tfjs.model);
    weights(onnx.model).forEach(({ name, data }, index) => {
      expect(expected[index]!.name).toBe(name);
      data.forEach((value, k) => expect(Math.abs(value - expected[index]!.data[k]!)).toBeLessThanOrEqual(1e-4));
    });
  });

  it('takes every sample once an epoch', async () => {
    // With a rate that moves nothing, the epoch's loss is the mean over the samples, however they fall into batches.
    const still = { optimiser: sgd(1e-12, 0), epochs: 1 };
    const whole = await train(await options({ ...still, batchSize: COUNT }));
    const parts = await train(await options({ ...still, batchSize: 5 }));
    expect(parts.losses[0]).toBeCloseTo(whole.losses[0]!, 5);
  });

  it('reports progress that ends with all batches, and gives other work its turn', async () => {
    const reports: Progress[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await train(await options({ epochs: 40, onProgress: (progress) => reports.push(progress) }));
    clearInterval(timer);
    expect(reports.at(-1)).toMatchObject({ done: 120, total: 120, unit: 'batches' });
    expect(reports.at(-1)!.detail).toMatch(/^epoch 40\/40, loss [\d.e-]+$/);
    reports.slice(1).forEach(({ done }, index) => expect(done).toBeGreaterThan(reports[index]!.done));
    expect(turns).toBeGreaterThan(0);
  });

  it('stops between two steps when the signal fires', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const running = train(
      await options({
        signal: controller.signal,
        onProgress({ done }) {
          seen.push(done);
          if (done === 4) controller.abort();
        },
      }),
    );
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.at(-1)).toBe(4);
  });

  it('says so when the loss is no longer finite', async () => {
    const diverging = await options({ optimiser: sgd(1e30, 0) });
    await expect(train(diverging)).rejects.toThrow(/Training diverged: the loss is .* in epoch \d+, batch \d+/);
    await expect(train(diverging)).rejects.toMatchObject({ code: 'contract' });
  });

  it.each<[string, Partial<TrainOptions>, RegExp]>([
    ['no epochs', { epochs: 0 }, /epochs to be a whole number of 1 or more\. Received: 0/],
    ['half a sample a batch', { batchSize: 0.5 }, /batchSize .* Received: 0\.5/],
    ['an unknown engine', { engine: 'onx' }, /Unknown training engine "onx"\. Did you mean "onnx"/],
    ['an objective without terms', { objective: { terms: [] } }, /has no terms/],
    ['a temperature of 0', { objective: classification({ temperature: 0 }) }, /temperature of term 1 .* is 0/],
    ['a negative weight decay', { objective: classification({ weightDecay: -1 }) }, /weightDecay is -1/],
    [
      'a view that is not there',
      { objective: { terms: [{ loss: 'mse', input: 'images', output: 'logits', target: 'soft' }] } },
      /names the view "soft"\. Received the views: images, labels/,
    ],
    [
      'an output that is not there',
      { objective: { terms: [{ loss: 'mse', input: 'images', output: 'reconstruction', target: 'images' }] } },
      /names the output "reconstruction"\. The model's outputs: logits/,
    ],
  ])('refuses %s', async (_what, changes, message) => {
    await expect(train(await options(changes))).rejects.toThrow(message);
  });

  it('refuses views of different lengths', async () => {
    const given = await options();
    const data = { ...given.data, count: COUNT + 1 };
    await expect(train({ ...given, data })).rejects.toThrow(/"images" to have 23 rows of 256 values/);
  });
});

describe('values out of range', () => {
  it.each([
    ['a learning rate of 0', () => adam(0)],
    ['a learning rate of NaN', () => sgd(NaN)],
    ['a momentum of 1', () => sgd(0.1, 1)],
    ['a beta of 1', () => adam(0.1, 0.9, 1)],
    ['a label that is no class', () => oneHot([0, 2], 2)],
    ['a label that is no whole number', () => oneHot([0.5], 2)],
  ])('are refused: %s', (_what, make) => {
    expect(make).toThrow(/Received:? /);
  });
});
