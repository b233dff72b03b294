import { type ImageShape, PUBLICATION_BOX, Rng } from '@rampart/core';
import { float32Tensor, readModel, Session } from '@rampart/onnx';

import { createModel, toLayersModel } from './layers-model';
import { stack } from './stack';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const SHAPE: ImageShape = { channels: 3, height: 18, width: 17 };
const COUNT = 4;

const make = (name: string, seed = 1, shape = SHAPE) =>
  createModel(name, { shape, classes: 3, box: PUBLICATION_BOX, rng: Rng.root(seed) });

async function run(model: Uint8Array, input: Float32Array, fetch: string): Promise<Float32Array> {
  const session = await Session.open(model);
  try {
    const { channels, height, width } = SHAPE;
    const results = await session.run({ input: float32Tensor([COUNT, channels, height, width], input) });
    return results[fetch]!.data as Float32Array;
  } finally {
    await session.dispose();
  }
}

function images(): Float32Array {
  const rng = Rng.root('images');
  return Float32Array.from({ length: COUNT * 3 * 18 * 17 }, () => rng.uniform() - 0.5);
}

function expectClose(received: Float32Array, expected: Float32Array): void {
  expect(received).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(received[i]! - value)).toBeLessThanOrEqual(1e-5));
}

describe('stack', () => {
  it('computes what its parts compute in turn, and keeps both outputs', async () => {
    const [front, back] = [await make('autoencoder'), await make('lenet5')];
    const whole = await stack(front, back);
    const cleaned = await run(front, images(), 'reconstruction');
    expectClose(await run(whole, images(), 'reconstruction'), cleaned);
    expectClose(await run(whole, images(), 'logits'), await run(back, cleaned, 'logits'));
  });

  it('is the architecture that consists of its parts', async () => {
    const whole = await stack(await make('autoencoder(code=7)'), await make('lenet5(conv1=4)'));
    const { model, card, write } = await toLayersModel(whole);
    expect(card.architecture).toMatchObject({ name: 'stacked', params: { code: 7, conv1: 4 } });
    expect(Buffer.compare(write(), whole)).toBe(0);
    model.dispose();
  });

  it('tells names of the two parts apart where they are the same', async () => {
    const [front, back] = [await make('autoencoder', 1), await make('stacked', 2)];
    const whole = await stack(front, back);
    const { graph, metadata } = readModel(whole);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['reconstruction_1', 'reconstruction', 'logits']);
    expect(metadata.has('rampart.architecture')).toBe(false);
    const cleaned = await run(front, images(), 'reconstruction');
    expectClose(await run(whole, images(), 'reconstruction_1'), cleaned);
    expectClose(await run(whole, images(), 'logits'), await run(back, cleaned, 'logits'));
  });

  it('refuses parts that do not fit', async () => {
    const other = await make('lenet5', 1, { channels: 1, height: 28, width: 28 });
    await expect(stack(await make('autoencoder'), other)).rejects.toThrow(
      /output "reconstruction" to fit .* float32\[batch, 1, 28, 28\]\. Received float32\[batch, 3, 18, 17\]/,
    );
    await expect(stack(await make('lenet5'), await make('lenet5'))).rejects.toThrow(/to fit the back model's input/);
  });
});
