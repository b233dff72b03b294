// A file whose weights lie beside it, as those above 2 GB do: they are never part of a graph in memory. In the normal run
// it has 27 MB, more than what is kept while a model is probed; with RAMPART_LARGE_FILE=1 it has 2.2 GB, for which 20 GB of
// memory and half an hour are needed.
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

import { Rng } from '@rampart/core';
import { onnx } from 'onnx-proto';

import { rampart, temporaryFolder } from '../integration/rampart';

const large = process.env['RAMPART_LARGE_FILE'] === '1';
const [WIDTH, LAYERS] = large ? [8192, 9] : [2304, 2];
const TIMEOUT = large ? 3_600_000 : 120_000;

/** Dense layers over MNIST's images, their weights one after the other in a file of their own. */
function writeDense(folder: string): { readonly file: string; readonly bytes: number } {
  const data = 'weights.bin';
  const out = openSync(path.join(folder, data), 'w');
  const rng = Rng.root('large');
  const some = Float32Array.from({ length: 99_991 }, () => 2 * rng.uniform() - 1);
  const initializer: onnx.ITensorProto[] = [];
  let offset = 0;
  const weights = (name: string, dims: readonly number[], scale: number): string => {
    const values = new Float32Array(dims.reduce((product, size) => product * size, 1));
    for (let i = 0; i < values.length; i++) values[i] = scale * some[(i + offset) % some.length]!;
    const length = values.byteLength;
    writeSync(out, new Uint8Array(values.buffer));
    const where = { location: data, offset: String(offset), length: String(length) };
    initializer.push({
      ...{ name, dataType: 1, dims: [...dims] },
      dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: Object.entries(where).map(([key, value]) => ({ key, value })),
    });
    offset += length;
    return name;
  };
  const node: onnx.INodeProto[] = [];
  const add = (opType: string, input: string[], output = `value${node.length}`) => {
    node.push({ opType, input, output: [output] });
    return output;
  };
  let [value, from] = [add('Flatten', ['input']), 784];
  for (let layer = 0; layer < LAYERS; layer++) {
    value = add('Relu', [add('MatMul', [value, weights(`w${layer}`, [from, WIDTH], Math.sqrt(6 / from))])]);
    from = WIDTH;
  }
  add('MatMul', [value, weights('w', [from, 2], Math.sqrt(1 / from))], 'logits');
  closeSync(out);
  const info = (name: string, dims: readonly (number | string)[]): onnx.IValueInfoProto => {
    const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
    return { name, type: { tensorType: { elemType: 1, shape: { dim } } } };
  };
  const graph: onnx.IGraphProto = {
    ...{ name: 'dense', node, initializer },
    input: [info('input', ['batch', 1, 28, 28])],
    output: [info('logits', ['batch', 2])],
  };
  const file = path.join(folder, 'dense.onnx');
  writeFileSync(
    file,
    onnx.ModelProto.encode({ irVersion: 9, opsetImport: [{ domain: '', version: 18 }], graph }).finish(),
  );
  return { file, bytes: offset };
}

describe('a large file with its weights beside it', () => {
  const folder = temporaryFolder();
  const { file, bytes } = writeDense(folder);

  it(
    'is inspected, with exact gradients',
    async () => {
      expect(bytes).toBeGreaterThan(large ? 2 ** 31 : 2 ** 24);
      expect(statSync(file).size).toBeLessThan(10_000);
      const { code, stdout } = await rampart(['inspect', file, '--json']);
      expect(code).toBe(0);
      const { parameters, summary } = JSON.parse(stdout) as { parameters: number; summary: { gradients: string } };
      expect(parameters).toBe(bytes / 4);
      expect(summary.gradients).toMatch(/^Gradients: exact, within [1-9]\.\de-[2-9] of finite differences/);
    },
    TIMEOUT,
  );

  it(
    'is evaluated and falls to one step along its gradient',
    async () => {
      const { code, stdout } = await rampart([
        ...['evaluate', file, '--dataset', 'mnist(classes=[4, 7], trainLimit=20, testLimit=20)'],
        ...['--attacks', 'fgs(epsilon=0.3)', '--audits', 'none', '--workers', '1'],
        ...['--store', path.join(folder, 'store'), '--quiet'],
      ]);
      expect({ code, stdout }).toMatchObject({ code: 0 });
      expect(stdout).toContain('fgs(epsilon=0.3)');
    },
    TIMEOUT,
  );
});
