import { evade, imageBatch, pixelBox, Registry, Rng, type AttackDefinition, defineAttack } from '@rampart/core';
import { linearClassifier } from '@rampart/testing';
import { z } from 'zod';

import { sparsify } from './sparsify';

/** Starts from the middle of everything and leaves the rest to `sparsify`. */
const gray = defineAttack({
  name: 'gray',
  summary: '',
  source: '',
  version: 1,
  family: 'minimum-norm',
  norms: ['l0'],
  params: z.object({}),
  each: () => async (instance) => {
    await instance.margin(instance.original.map((value) => (value > 0.5 ? 0 : 1)));
    await sparsify(instance);
  },
});

const SHAPE = { channels: 1, height: 2, width: 3 };
const BOX = pixelBox(0, 1);

async function changes(weights: readonly number[], image: readonly number[], bias: number): Promise<number[]> {
  const classifier = linearClassifier({
    shape: SHAPE,
    box: BOX,
    weights: [[0, 0, 0, 0, 0, 0], weights],
    bias: [bias, 0],
  });
  const attack = new Registry<AttackDefinition>('attack', [gray]).resolve({ name: 'gray', params: {} });
  const images = imageBatch(Float32Array.from(image), SHAPE, BOX);
  const labels = Int32Array.of(0);
  const { evaded, adversarial } = await evade({
    ...{ attack, classifier, verifier: classifier, images, labels, rng: Rng.root(1) },
  });
  expect(evaded[0]).toBe(1);
  return Array.from(adversarial.data.keys()).filter((k) => adversarial.data[k] !== images.data[k]);
}

test('of the changes those with the largest effect are left', async () => {
  expect(await changes([1, 5, 2, 3, 0.1, 4], [0, 0, 0, 0, 0, 0], 8)).toEqual([1, 5]);
});

test('how far a feature can move counts as much as its slope', async () => {
  // The second feature has little room; the last moves the other way.
  expect(await changes([1, 5, 2, 3, 0, -4], [0, 0.9, 0, 0, 0, 1], 5.9)).toEqual([3, 5]);
});
