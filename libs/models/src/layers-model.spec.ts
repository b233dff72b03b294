import * as tf from '@tensorflow/tfjs-core';

import { type ImageShape, pixelBox, PUBLICATION_BOX, Rng } from '@rampart/core';
import { float32Tensor, readModel, Session, writeModel } from '@rampart/onnx';

import { architectures } from './architectures';
import { createModel, type CreateModelOptions, toLayersModel } from './layers-model';
import { readCard } from './model-card';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const GREY: ImageShape = { channels: 1, height: 28, width: 28 };
const COLOUR: ImageShape = { channels: 3, height: 32, width: 32 };
const SMALL_COLOUR: ImageShape = { channels: 3, height: 18, width: 16 };

const options = (shape: ImageShape, seed = 1): CreateModelOptions => ({
  shape,
  classes: 2,
  box: PUBLICATION_BOX,
  rng: Rng.root(seed),
});

const cases = [
  ...architectures.names().flatMap((name) => [
    { name, shape: GREY },
    { name, shape: SMALL_COLOUR },
  ]),
  { name: 'lenet5', shape: COLOUR },
];

describe.each(cases)('$name for $shape.channels x $shape.height x $shape.width', ({ name, shape }) => {
  it('is determined by its seed', async () => {
    const bytes = await createModel(name, options(shape));
    expect(Buffer.compare(await createModel(name, options(shape)), bytes)).toBe(0);
    expect(Buffer.compare(await createModel(name, options(shape, 2)), bytes)).not.toBe(0);
  });

  it('is rebuilt from its file with all its weights, and written back the same', async () => {
    const bytes = await createModel(name, options(shape));
    const { model, outputs, write } = await toLayersModel(bytes);
    try {
      expect(Buffer.compare(write(), bytes)).toBe(0);
      const rng = Rng.root('images');
      const { channels, height, width } = shape;
      const nchw = Float32Array.from({ length: 2 * channels * height * width }, () => rng.uniform() - 0.5);
      const images = tf.transpose(tf.tensor4d(nchw, [2, channels, height, width]), [0, 2, 3, 1]);
      const expected = [model.predict(images)].flat() as tf.Tensor[];
      const session = await Session.open(bytes);
      const results = await session.run({ input: float32Tensor([2, channels, height, width], nchw) });
      outputs.forEach((output, index) => {
        const value = expected[index]!;
        const values = (value.rank === 4 ? tf.transpose(value, [0, 3, 1, 2]) : value).dataSync();
        const data = results[output]!.data as Float32Array;
        expect(data).toHaveLength(values.length);
        values.forEach((item, i) => expect(Math.abs(data[i]! - item)).toBeLessThanOrEqual(1e-5));
      });
      await session.dispose();
    } finally {
      model.dispose();
    }
  });

  it('says in its metadata what it is', async () => {
    const { metadata, graph } = readModel(await createModel(name, options(shape)));
    const card = readCard(metadata);
    expect(card).toMatchObject({ shape, classes: 2, box: PUBLICATION_BOX, architecture: { name } });
    expect(graph.inputs).toEqual([
      { name: 'input', type: 'float32', dims: ['batch', shape.channels, shape.height, shape.width] },
    ]);
  });
});

it('keeps reconstructions inside the pixel box, whatever the box', async () => {
  const box = pixelBox(-3, 11);
  const bytes = await createModel('autoencoder', { ...options(GREY), box });
  const rng = Rng.root('wild images');
  const wild = Float32Array.from({ length: 5 * 784 }, () => 200 * rng.normal());
  const { reconstruction } = await (await Session.open(bytes)).run({ input: float32Tensor([5, 1, 28, 28], wild) });
  const values = Array.from(reconstruction!.data as Float32Array);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(box.min);
  expect(Math.max(...values)).toBeLessThanOrEqual(box.max);
  expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(1);
});

it("has the publication's autoencoder for 28x28 images and the same proportions for others", async () => {
  const units = async (shape: ImageShape) => {
    const { initializers } = readModel(await createModel('autoencoder', options(shape))).graph;
    return ['encoder', 'code', 'decoder', 'decoder-output'].map((layer) => initializers.get(`${layer}/kernel`)!.dims);
  };
  expect(await units(GREY)).toEqual([
    [784, 256],
    [256, 128],
    [128, 256],
    [256, 784],
  ]);
  const [encoder, code] = await units(COLOUR);
  expect(encoder![1]! / 3072).toBeCloseTo(256 / 784, 3);
  expect(code![1]! / 3072).toBeCloseTo(128 / 784, 3);
});

it('refuses images that two convolutions and poolings would use up', async () => {
  const small = { channels: 1, height: 15, width: 28 };
  await expect(createModel('lenet5', options(small))).rejects.toThrow(/at least 16x16 pixels.*Received 1x15x28/);
});

it.each(['rampart.architecture', 'rampart.box'])('refuses to rebuild a file without %s', async (key) => {
  const file = readModel(await createModel('lenet5', options(GREY)));
  const metadata = new Map([...file.metadata].filter(([name]) => name !== key));
  await expect(toLayersModel(writeModel({ ...file, metadata }))).rejects.toThrow(
    /Expected a model file with the metadata/,
  );
});

it('refuses to rebuild a file whose weights are those of another size', async () => {
  const file = readModel(await createModel('lenet5', options(GREY)));
  const metadata = new Map(file.metadata).set('rampart.architecture', 'lenet5(conv1=7)');
  await expect(toLayersModel(writeModel({ ...file, metadata }))).rejects.toThrow(
    /Expected an initializer "conv1\/kernel" of float32 \[7, 1, 5, 5\].*Received: float32 \[6, 1, 5, 5\]/,
  );
});
