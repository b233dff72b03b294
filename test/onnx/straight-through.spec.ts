import { readFileSync } from 'node:fs';
import path from 'node:path';

import { pixelBox } from '@rampart/core';
import { parseNpy } from '@rampart/datasets';
import { openView } from '@rampart/models';

const FOLDER = path.join(__dirname, 'straight-through');

describe.each(['round', 'quantised'])('the network with steps: %s', (name) => {
  const read = (file: string) => new Uint8Array(readFileSync(path.join(FOLDER, name, file)));
  const array = (file: string) => parseNpy(read(file), file);
  const x = Float32Array.from(array('x.npy').data);
  const labels = Int32Array.from(array('y.npy').data, Number);
  const [, channels, height, width] = array('x.npy').shape as [number, number, number, number];
  const expected = Float32Array.from(array('g.npy').data);

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
