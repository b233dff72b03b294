import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { featureCount, pixelBox, predictions, Rng } from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { encodeNpy } from '@rampart/results';

import { fixtures } from '../fixtures/load-fixture';

const BOX = pixelBox(0, 1);

/** Models that somebody's exporter wrote, of whose classes random images find every one. */
export const EXPORTED = [
  ...['activations-early', 'keras-binary', 'keras-perceptron', 'lenet5', 'lenet5-average'],
  ...['logistic-binary', 'logistic', 'normalisations-rms', 'rearrangements'],
] as const;

/** Images of a split. */
const COUNT = 40;

/** The file of a fixture. */
export function fixtureFile(reference: string): string {
  const { name } = fixtures.find((one) => one.reference === reference)!;
  return join(__dirname, '../fixtures/models', `${name}.onnx`);
}

/**
 * Writes random images with the classes that a model gives them as a folder of .npy files: a model with random weights
 * is honest about such, since it gets them right. Every class is in both splits.
 */
export async function writeOwnImages(file: string, folder: string): Promise<void> {
  const model = await openVerifier(readFileSync(file), { box: BOX });
  const { channels, height, width } = model.shape;
  const features = featureCount(model.shape);
  for (const [split, rng] of Object.entries({ train: Rng.root(1), test: Rng.root(2) })) {
    const drawn = Array.from({ length: 10 * COUNT }, () => randomImage(features, rng));
    const labels = predictions(await model.logits(asPixels(drawn)), model.classes);
    const firsts = Array.from({ length: model.classes }, (_, label) => labels.indexOf(label));
    const others = drawn.map((_, i) => i).filter((i) => !firsts.includes(i));
    const chosen = [...firsts, ...others].slice(0, COUNT);
    const images = new Uint8Array(COUNT * features);
    chosen.forEach((i, row) => images.set(drawn[i]!, row * features));
    writeFileSync(join(folder, `${split}-images.npy`), encodeNpy(images, [COUNT, channels, height, width]));
    const values = Uint8Array.from(chosen, (i) => labels[i]!);
    writeFileSync(join(folder, `${split}-labels.npy`), encodeNpy(values, [COUNT]));
  }
  await model.dispose();
}

/** Bytes around a level of their own, so that images differ in more than noise. */
function randomImage(features: number, rng: Rng): Uint8Array {
  const [level, width] = [rng.uniform(), 2 * rng.uniform()];
  const value = () => Math.min(1, Math.max(0, level + width * (rng.uniform() - 0.5)));
  return Uint8Array.from({ length: features }, () => Math.round(255 * value()));
}

function asPixels(images: readonly Uint8Array[]): Float32Array {
  const features = images[0]!.length;
  const pixels = new Float32Array(images.length * features);
  images.forEach((image, i) => {
    for (let k = 0; k < features; k++) pixels[i * features + k] = image[k]! / 255;
  });
  return pixels;
}
