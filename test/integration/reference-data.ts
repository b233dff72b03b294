import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './rampart';

const REFERENCE = path.join(ROOT, 'test/reference');

/** LeNet-5, trained plainly on MNIST: 41% of the 200 images evade it in l-infinity at 0.1. */
export const PLAIN_MODEL = path.join(REFERENCE, 'mnist-lenet.onnx');

/** The same, trained adversarially in l-infinity at 0.3: 2% of them evade it at 0.1. */
export const HARDENED_MODEL = path.join(REFERENCE, 'mnist-at.onnx');

/** The options of commands that evaluate these models on the first images of the reference. */
export function referenceOptions(folder: string, images: number): string[] {
  const data = path.join(folder, 'reference-data');
  mkdirSync(data, { recursive: true });
  for (const split of ['train', 'test']) {
    for (const what of ['images', 'labels']) {
      copyFileSync(path.join(REFERENCE, `mnist-${what}.npy`), path.join(data, `${split}-${what}.npy`));
    }
  }
  const dataset = `npy-folder(testLimit=${images})`;
  return ['--dataset', dataset, '--preprocess', 'range=0..1', '--data-dir', data];
}
