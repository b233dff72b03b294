import { readFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, npyNumbers, pixelBox } from '@rampart/core';
import { openView } from '@rampart/models';

const FOLDER = path.join(__dirname, 'straight-through');

describe.each(['round', 'quantised'])('the network with steps: %s', (name) => {
  const read = (file: string) => new Uint8Array(readFileSync(path.join(FOLDER, name, file)));
  const array = (file: string) => decodeNpy(read(file), file);
  const x = Float32Array.from(npyNumbers(array('x.npy')));
  const labels = Int32Array.from(npyNumbers(array('y.npy')));
  const [, channels, height, width] = array('x.npy').shape as [number, number, number, number];
  const expected = Float32Array.from(npyNumbers(array('g.npy')));

  async function errorOf(backward?: 'straight-through'): Promise<number> {
    const options = { box: pixelBox(-0.5, 0.5), shape: { channels, height, width } };
    const classifier = (await openView(read('model.onnx'), backward ? { backward } : {}, options))!;
    const { gradient } = await classifier.lossGradient(x, labels, 'cross-entropy');
    await classifier.dispose();
    return Math.hypot(...expected.map((value, i) => value - gradient[i]!)) / Math.hypot(...expected);
  }

  it("has PyTorch's gradient where steps are passed straight through, and another one where not", async () => {
    expect(await errorOf('straight-through')).toBeLessThan(1e-4);
    expect(await errorOf()).toBeGreaterThan(0.3);
  });
});
