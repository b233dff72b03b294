import { attacks } from '@rampart/attacks';
import { imageBatch, pixelBox, Rng } from '@rampart/core';
import { float32Tensor, Session } from '@rampart/onnx';
import { createModel } from '@rampart/models';
import { describeDefense } from '@rampart/testing';

import { RECONSTRUCTION } from '../autoencoder-defense';
import { defenseArena } from '../defense-arena.kit';
import { jpeg } from './jpeg';
import { COLOURED, COLOURED_DECODED, GREY_DECODED } from './jpeg.kit';

describeDefense(jpeg, defenseArena({}));

it.each([
  ['grey', 1, COLOURED.subarray(0, 256), GREY_DECODED],
  ['coloured', 3, COLOURED, COLOURED_DECODED],
] as const)(
  'makes of a %s image what a JPEG library does, up to the rounding of whole numbers',
  async (_, channels, image, decoded) => {
    const shape = { channels, height: 16, width: 16 };
    const box = pixelBox(0, 1);
    const images = imageBatch(
      Float32Array.from(image, (value) => value / 255),
      shape,
      box,
    );
    const rng = Rng.root('jpeg');
    const { model } = await jpeg.harden(jpeg.params.parse({ quality: 40, subsampling: false }), {
      model: await createModel('lenet5', { shape, classes: 2, box, rng }),
      train: { images, labels: Int32Array.of(0) },
      ...{ classes: 2, malicious: undefined, attacks, engine: 'onnx', rng },
    });
    const session = await Session.open(model);
    const { [RECONSTRUCTION]: compressed } = await session.run({
      input: float32Tensor([1, channels, 16, 16], images.data),
    });
    await session.dispose();
    const differences = Array.from(compressed!.data as Float32Array, (value, i) => Math.abs(255 * value - decoded[i]!));
    expect(Math.max(...differences)).toBeLessThan(channels === 1 ? 1.5 : 3.5);
    const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
    expect(mean).toBeLessThan(channels === 1 ? 0.5 : 1);
    // The library changes more than that.
    expect(image.some((value, i) => Math.abs(value - decoded[i]!) > 5)).toBe(true);
  },
);

it('refuses what is no image', async () => {
  const shape = { channels: 2, height: 8, width: 8 };
  const { params: _, ...given } = defenseArena({});
  const images = imageBatch(new Float32Array(128), shape, pixelBox(0, 1));
  const problem = { ...given, malicious: 0, rng: Rng.root('jpeg'), train: { images, labels: Int32Array.of(0) } };
  await expect(jpeg.harden(jpeg.params.parse({}), problem)).rejects.toThrow(/images of 1 or 3 channels/);
});
