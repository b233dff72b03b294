import { featureCount, predictions, PUBLICATION_BOX, REJECTED, Rng, softmax } from '@rampart/core';
import { asRejecting, createModel, openVerifier } from '@rampart/models';
import { float32Tensor, normalise, readModel, Session, writeModel } from '@rampart/onnx';

import { RECONSTRUCTION } from '../autoencoder-defense';
import { defenseArena } from '../defense-arena.kit';
import { type Detector, MEASURES, measuring, rejecting } from './detectors';

const { model: file, train } = defenseArena({});
const { shape } = train.images;
const COUNT = 6;
const FEATURES = featureCount(shape);
const images = train.images.data.slice(0, COUNT * FEATURES);
const input = float32Tensor([COUNT, shape.channels, shape.height, shape.width], images);
const DETECTORS: readonly Detector[] = [{ error: 1 }, { error: 2 }, { temperature: 3 }];

const autoencoder = createModel(
  { name: 'autoencoder', params: {} },
  { shape, classes: FEATURES, box: PUBLICATION_BOX, rng: Rng.root('detectors') },
).then((made) => normalise(readModel(made)));

async function run(bytes: Uint8Array, output: string): Promise<Float32Array> {
  const session = await Session.open(bytes);
  const { [output]: made } = await session.run({ input });
  await session.dispose();
  return made!.data as Float32Array;
}

async function logitsOf(of: Float32Array): Promise<Float32Array> {
  const verifier = await openVerifier(file, { box: { min: -9, max: 9 } });
  try {
    return await verifier.logits(of);
  } finally {
    await verifier.dispose();
  }
}

/** sum p log(p / m) */
const divergence = (p: ArrayLike<number>, m: readonly number[]) =>
  m.reduce((sum, value, j) => sum + p[j]! * Math.log(p[j]! / value), 0);

it('measure reconstruction errors and the divergence of answers', async () => {
  const reconstructed = await run(writeModel(await autoencoder), RECONSTRUCTION);
  const model = normalise(readModel(file));
  const measures = await run(writeModel(measuring(await autoencoder, model, DETECTORS)), MEASURES);
  const [own, other] = [await logitsOf(images), await logitsOf(reconstructed)].map((logits) => softmax(logits, 2, 3));
  for (let i = 0; i < COUNT; i++) {
    const difference = images
      .subarray(i * FEATURES, (i + 1) * FEATURES)
      .map((value, k) => value - reconstructed[i * FEATURES + k]!);
    const mean = (power: number) => difference.reduce((sum, value) => sum + Math.abs(value) ** power, 0) / FEATURES;
    const [p, q] = [own!, other!].map((one) => one.subarray(2 * i, 2 * i + 2)) as [Float64Array, Float64Array];
    const middle = Array.from(p, (value, j) => (value + q[j]!) / 2);
    const expected = [mean(1), mean(2), (divergence(p, middle) + divergence(q, middle)) / 2];
    expected.forEach((value, which) => expect(measures[3 * i + which]! / value).toBeCloseTo(1, 3));
  }
});

it('reject an image where one of them is above its threshold', async () => {
  const model = normalise(readModel(file));
  const measures = await run(writeModel(measuring(await autoencoder, model, DETECTORS)), MEASURES);
  // Of each detector the threshold that two of the images are above.
  const thresholds = Float32Array.from(DETECTORS, (_, which) => {
    const falling = Array.from({ length: COUNT }, (_, i) => measures[3 * i + which]!).toSorted((a, b) => b - a);
    return (falling[1]! + falling[2]!) / 2;
  });
  const guarded = writeModel(asRejecting(rejecting(await autoencoder, model, { detectors: DETECTORS, thresholds })));
  const verifier = await openVerifier(guarded, { box: PUBLICATION_BOX });
  const decided = predictions(await verifier.logits(images), 2, verifier.rejects);
  await verifier.dispose();
  const above = Array.from({ length: COUNT }, (_, i) =>
    DETECTORS.some((_, which) => measures[3 * i + which]! > thresholds[which]!),
  );
  expect(Array.from(decided, (decision) => decision === REJECTED)).toEqual(above);
  expect(new Set(above).size).toBe(2);
});
