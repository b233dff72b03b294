import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GraphBuilder } from '../graph/builder';
import type { Model } from '../graph/ir';
import { float32Tensor } from '../graph/tensor';
import { Session } from './session';

const SIZE = 2100;

/** A product with a matrix of 17.6 MB, whose columns are all i. */
function large(): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', SIZE]);
  const matrix = Float32Array.from({ length: SIZE * SIZE }, (_, k) => Math.floor(k / SIZE));
  builder.output(builder.node('MatMul', ['x', builder.initializer('w', float32Tensor([SIZE, SIZE], matrix))]));
  return {
    ...{ irVersion: 10, opsets: new Map([['', 21]]), producer: 'spec', metadata: new Map(), functions: [] },
    graph: builder.build('large'),
  };
}

const before = process.env['TMPDIR'];
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rampart-spec-'))));
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(folder, { recursive: true });
});

it.each([
  ['go through a file that is gone once the session is open', () => folder],
  ['are handed over in memory where no file can be written', () => join(folder, 'missing')],
])('large weights %s', async (_what, place) => {
  process.env['TMPDIR'] = place();
  const session = await Session.open(large());
  try {
    expect(readdirSync(folder)).toEqual([]);
    const { data } = Object.values(
      await session.run({ x: float32Tensor([1, SIZE], new Float32Array(SIZE).fill(1)) }),
    )[0]!;
    // The sum of all i below the size.
    expect(data[0]).toBe((SIZE * (SIZE - 1)) / 2);
    expect(data[SIZE - 1]).toBe((SIZE * (SIZE - 1)) / 2);
  } finally {
    await session.dispose();
  }
});
