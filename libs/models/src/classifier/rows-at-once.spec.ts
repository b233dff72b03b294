import { float32Tensor, GraphBuilder, type Model, probe } from '@rampart/onnx';

import { rowsAtOnce } from './rows-at-once';

/** Products one after another, of as many units each, with weights of their own or the same in all. */
function dense(units: number, layers: number, weights: 'own' | 'shared'): Model {
  const builder = new GraphBuilder();
  const blank = () => builder.constant(float32Tensor([units, units], new Float32Array(units * units)));
  let value = builder.input('x', 'float32', ['N', units]);
  const shared = blank();
  for (let i = 0; i < layers; i++) value = builder.node('MatMul', [value, weights === 'own' ? blank() : shared]);
  builder.output(value);
  const opsets = new Map([['', 21]]);
  return { irVersion: 10, opsets, producer: 'test', metadata: new Map(), graph: builder.build('dense'), functions: [] };
}

const rowsOf = async (...of: Parameters<typeof dense>) => rowsAtOnce(await probe(dense(...of)));

describe('rows of one run', () => {
  it('are as many as a cache keeps the values of', async () => {
    // 41 values of 256 numbers: a hundred rows are a million numbers.
    expect(await rowsOf(256, 40, 'shared')).toBe(128);
    expect(await rowsOf(256, 80, 'shared')).toBe(64);
  });

  it('are 32 where a cache has no room for them, and 256 at most', async () => {
    expect(await rowsOf(256, 1000, 'shared')).toBe(32);
    expect(await rowsOf(4, 1, 'shared')).toBe(256);
  });

  it('are no more than memory has room for', async () => {
    const types = await probe(dense(4, 1, 'own'));
    const ofSize = (size: number) => ({
      ...types,
      values: new Map([['y', { type: 'float32', dims: ['batch', size] } as const]]),
    });
    // 128 and 512 MB a row.
    expect(rowsAtOnce(ofSize(2 ** 25))).toBe(4);
    expect(rowsAtOnce(ofSize(2 ** 27))).toBe(1);
    expect(rowsAtOnce(ofSize(2 ** 29))).toBe(1);
  });

  it('are enough for the weights that each run reads', async () => {
    // 61 values of 512 numbers: 34 rows by the cache, 129 by 16 million weights.
    expect(await rowsOf(512, 60, 'shared')).toBe(32);
    expect(await rowsOf(512, 60, 'own')).toBe(128);
  });
});
