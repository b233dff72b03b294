import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, type Store } from '@rampart/results';

import { receiveModel, UPLOAD_LIMIT } from './receive-model';

async function* pieces(...all: readonly Uint8Array[]) {
  yield* all;
}

describe('receiving a model', () => {
  let directory: string;
  let store: Store;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-upload-'));
    store = await openStore(directory, { create: true });
  });

  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('stores the bytes under their checksum', async () => {
    const file = Buffer.concat([Buffer.of(8, 7), Buffer.alloc(1000)]);
    const ref = await receiveModel(store, pieces(new Uint8Array(0), file.subarray(0, 5), file.subarray(5)));
    expect(Buffer.from(await store.artifacts.read(ref))).toEqual(file);
  });

  it.each([
    ['an image', [Buffer.from('\x89PNG\r\n')], /no ONNX file/],
    ['a text', [Buffer.from('hello')], /no ONNX file/],
    ['nothing', [], /empty/],
    ['a gigabyte', Array.from({ length: 1024 }, () => Buffer.alloc(2 ** 20, 8)), /larger than 256 MiB/],
  ])('refuses %s and keeps nothing of it', async (_what, body, message) => {
    await expect(receiveModel(store, pieces(...body))).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message) as string,
    });
    expect(await readdir(path.join(directory, 'artifacts', 'unfinished'))).toEqual([]);
    expect(UPLOAD_LIMIT).toBe(256 * 2 ** 20);
  });
});
