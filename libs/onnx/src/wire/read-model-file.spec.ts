import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onnx } from 'onnx-proto';

import { GraphBuilder } from '../graph/builder';
import { float32Tensor, float64Tensor, int64Tensor, numericTensor } from '../graph/tensor';
import { readModel } from './read-model';
import { readModelFile } from './read-model-file';
import { writeModel } from './write-model';

/** A model whose one initializer, 2 x 3 floats, is kept in another file. */
function withExternal(entries: Readonly<Record<string, string>>): Uint8Array {
  const float = (name: string) => ({ name, type: { tensorType: { elemType: 1 } } });
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'external',
      input: [float('x')],
      output: [float('y')],
      initializer: [
        {
          name: 'w',
          dataType: 1,
          dims: [2, 3],
          dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
          externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
        },
      ],
      node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
    },
  }).finish();
}

describe('readModelFile', () => {
  let root: string;
  let folder: string;
  const write = (entries: Readonly<Record<string, string>>) => {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, withExternal(entries));
    return path;
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rampart-onnx-'));
    folder = join(root, 'model');
    mkdirSync(join(folder, 'data'), { recursive: true });
    const values = new Uint8Array(Float32Array.of(9, 1, 2, 3, 4, 5, 6).buffer);
    writeFileSync(join(folder, 'data', 'weights.bin'), values);
    writeFileSync(join(root, 'outside.bin'), values);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('leaves weights where they are in a file, at whatever place', () => {
    const builder = new GraphBuilder();
    for (let length = 1; length <= 9; length++) {
      const data = Float64Array.from({ length: 9000 }, (_, i) => Math.sin(length + i));
      const value = [
        float64Tensor([9000], data),
        float32Tensor([18_000], new Float32Array(18_000).fill(length)),
        int64Tensor([9000], data.map(Math.round)),
        numericTensor('uint8', [90_000], new Array<number>(90_000).fill(length)),
      ][length % 4]!;
      builder.initializer('w'.repeat(length), value);
    }
    builder.output(builder.node('Identity', ['w']));
    const graph = builder.build('places');
    const bytes = writeModel({
      ...{ irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph },
    });
    const path = join(folder, 'places.onnx');
    writeFileSync(path, bytes);
    const model = readModelFile(path);
    const memory = new Set(Array.from(model.graph.initializers.values(), ({ data }) => (data as Uint8Array).buffer));
    expect(memory.size).toBe(1);
    expect(Buffer.compare(writeModel(model), bytes)).toBe(0);
    // Who reads bytes may not change them.
    const before = Buffer.from(bytes);
    expect(Buffer.compare(writeModel(readModel(bytes)), bytes)).toBe(0);
    expect(Buffer.compare(bytes, before)).toBe(0);
  });

  it('loads data that is kept beside the model', () => {
    const model = readModelFile(write({ location: 'data/weights.bin', offset: '4', length: '24' }));
    expect(model.graph.initializers.get('w')).toEqual({
      type: 'float32',
      dims: [2, 3],
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it.each([
    ['a path upwards', '../outside.bin'],
    ['a path upwards from within', 'data/../../outside.bin'],
    ['an absolute path', '/etc/hostname'],
  ])('refuses %s', (_, location) => {
    expect(() => readModelFile(write({ location }))).toThrow(/"w".*outside of the folder/);
  });

  it('refuses a link that leads out of the folder', () => {
    symlinkSync(join(root, 'outside.bin'), join(folder, 'link.bin'));
    expect(() => readModelFile(write({ location: 'link.bin' }))).toThrow(/outside of the folder/);
  });

  it.each([
    ['a file that is missing', { location: 'gone.bin' }, /"gone.bin", which is missing/],
    ['a file that is too short', { location: 'data/weights.bin', offset: '8' }, /has 28 bytes; 32 are needed/],
    ['a length that does not fit', { location: 'data/weights.bin', length: '20' }, /holds 20 bytes.*need 24/],
    ['an offset that is no number', { location: 'data/weights.bin', offset: '-4' }, /offset.*"-4"/],
    ['a folder', { location: 'data' }, /is no file/],
    ['no location', {}, /does not say where/],
  ])('refuses %s', (_, entries, message) => {
    expect(() => readModelFile(write(entries))).toThrow(message);
  });

  // A spec that waited for a pipe would never end.
  (process.platform === 'win32' ? it.skip : it)('waits for no pipe, as a model or as its data', () => {
    const pipe = join(folder, 'pipe.bin');
    execFileSync('mkfifo', [pipe]);
    expect(() => readModelFile(write({ location: 'pipe.bin' }))).toThrow(/"pipe.bin", which is no file/);
    expect(() => readModelFile(pipe)).toThrow(/it is no file/);
  });

  it('names a file that is not there', () => {
    expect(() => readModelFile(join(folder, 'none.onnx'))).toThrow(/Cannot read .*none.onnx/);
  });
});
