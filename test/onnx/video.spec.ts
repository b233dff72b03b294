import { readFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, npyNumbers, pixelBox, sampleShape } from '@rampart/core';
import { openClassifier } from '@rampart/models';

/** A Conv3d network exported by PyTorch, inputs, labels and the gradient of its summed cross-entropy, from a bug report. */
const FOLDER = path.join(__dirname, 'video');

it("a model of video has PyTorch's gradient, to the shape of its samples", async () => {
  const array = (file: string) => decodeNpy(readFileSync(path.join(FOLDER, file)), file);
  const x = array('x.npy');
  const [, ...dims] = x.shape;
  const shape = sampleShape(dims);
  expect(shape.dims).toHaveLength(4);
  const classifier = await openClassifier(readFileSync(path.join(FOLDER, 'model.onnx')), {
    box: pixelBox(-0.5, 0.5),
    shape,
  });
  try {
    const labels = Int32Array.from(npyNumbers(array('y.npy')));
    const images = Float32Array.from(npyNumbers(x));
    const { gradient } = await classifier.lossGradient(images, labels, 'cross-entropy');
    const expected = Float64Array.from(npyNumbers(array('g.npy')));
    const apart = Math.hypot(...expected.map((value, i) => value - gradient[i]!));
    expect(apart / Math.hypot(...expected)).toBeLessThan(1e-4);
  } finally {
    await classifier.dispose();
  }
});
