import { readFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, npyNumbers } from '@rampart/core';

import { rampart, temporaryFolder } from '../integration/rampart';
import { MODELS } from './command';

/** One of each exporter, of each head, with fixed batch sizes, weights in a file beside it, and rows of features. */
const CASES = [
  ['residual-external-dynamo-opset22', 'residual', 'margin'],
  ['vision-transformer-torchscript-opset17', 'vision-transformer', 'cross-entropy'],
  ['ends-in-softmax-torchscript-opset13', 'ends-in-softmax', 'cross-entropy'],
  ['batch-of-one-dynamo-opset18', 'batch-of-one', 'margin'],
  ['batch-of-three-torchscript-opset17', 'batch-of-three', 'cross-entropy'],
  ['keras-convolutional-opset15', 'keras-convolutional', 'cross-entropy'],
  ['keras-binary-opset15', 'keras-binary', 'margin'],
  ['logistic-zipmap', 'logistic', 'cross-entropy'],
  ['scaled-perceptron', 'scaled-perceptron', 'margin'],
] as const;

const array = (file: string) => {
  const read = decodeNpy(readFileSync(file), file);
  return { shape: read.shape, data: npyNumbers(read) };
};

describe('rampart gradient gives what the framework computed in float64:', () => {
  const folder = temporaryFolder();

  it.each(CASES)('%s', async (name, reference, loss) => {
    const own = (suffix: string) => path.join(MODELS, `${reference}.${suffix}.npy`);
    const out = path.join(folder, `${name}.npy`);
    const inputs = ['--input', own('input'), '--labels', own('labels')];
    const ended = await rampart([
      'gradient',
      path.join(MODELS, `${name}.onnx`),
      ...inputs,
      '--loss',
      loss,
      '--out',
      out,
    ]);
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
    const [received, expected] = [array(out), array(own(loss === 'margin' ? 'margin-gradient' : 'gradient'))];
    expect(received.data.constructor.name).toBe('Float32Array');
    expect(received.shape).toEqual(array(own('input')).shape);
    const values = Array.from(expected.data);
    const difference = Math.hypot(...values.map((value, i) => value - received.data[i]!));
    expect(difference / Math.hypot(...values)).toBeLessThan(1e-4);
  });
});
