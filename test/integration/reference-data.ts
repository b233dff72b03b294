import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, encodeNpy } from '@rampart/results';

import { ROOT } from './rampart';

const REFERENCE = path.join(ROOT, 'test/reference');

/** LeNet-5, trained plainly on MNIST: 41% of the 200 images evade it in l-infinity at 0.1. */
export const PLAIN_MODEL = path.join(REFERENCE, 'mnist-lenet.onnx');

/** The same, trained adversarially in l-infinity at 0.3: 2% of them evade it at 0.1. */
export const HARDENED_MODEL = path.join(REFERENCE, 'mnist-at.onnx');

/** Of the 200 images of the reference, those that the test set is taken from; the others are called training images. */
const TEST_IMAGES = 120;

/**
 * The options of commands that evaluate these models on some of these images.
 * @param leaked whether the test images are among the training images
 */
export function referenceOptions(folder: string, images: number, leaked = false): string[] {
  const data = path.join(folder, leaked ? 'leaked-data' : 'reference-data');
  mkdirSync(data, { recursive: true });
  for (const what of ['images', 'labels']) {
    const file = readFileSync(path.join(REFERENCE, `mnist-${what}.npy`));
    const { data: values, shape } = decodeNpy(file);
    const [count = 0, ...row] = shape;
    const size = row.reduce((product, one) => product * one, 1);
    const part = (from: number, to: number) => encodeNpy(values.slice(from * size, to * size), [to - from, ...row]);
    writeFileSync(path.join(data, `test-${what}.npy`), part(0, TEST_IMAGES));
    writeFileSync(path.join(data, `train-${what}.npy`), leaked ? file : part(TEST_IMAGES, count));
  }
  return ['--dataset', `npy-folder(testLimit=${images})`, '--preprocess', 'range=0..1', '--data-dir', data];
}
