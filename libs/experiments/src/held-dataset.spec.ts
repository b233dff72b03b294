import { type Dataset, imageBatch, PUBLICATION_BOX } from '@rampart/core';

import type { DatasetRequest } from './executor';
import { heldDataset, holdDataset } from './held-dataset';

const SHAPE = { channels: 1, height: 2, width: 2 };

function dataset(): Dataset {
  const split = { images: imageBatch(Float32Array.of(1, 2, 3, 4), SHAPE, PUBLICATION_BOX), labels: Int32Array.of(1) };
  return {
    ...{ shape: SHAPE, box: PUBLICATION_BOX, classes: ['a', 'b'], malicious: 0, checksum: 'sum' },
    ...{ train: split, test: split },
  };
}

const REQUEST: DatasetRequest = { name: 'mnist', params: { testLimit: 1 }, dataDir: undefined, checksum: 'sum' };

describe('a dataset that is held', () => {
  it('is the same, in memory that threads share', () => {
    const given = dataset();
    const held = holdDataset(REQUEST, given);
    expect(held).toEqual(given);
    for (const { images, labels } of [held.train, held.test]) {
      expect(images.data.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(labels.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
    // A thread gets the same memory, and holds that.
    expect(holdDataset(REQUEST, structuredClone(held)).test.images.data).toEqual(given.test.images.data);
    expect(holdDataset(REQUEST, held).train.images.data).toBe(held.train.images.data);
  });

  it('is given for its own request alone, whatever has the same checksum', () => {
    const held = holdDataset(REQUEST, dataset());
    expect(heldDataset({ ...REQUEST })).toBe(held);
    expect(heldDataset({ ...REQUEST, columns: 10 })).toBeUndefined();
    expect(heldDataset({ ...REQUEST, params: { testLimit: 2 } })).toBeUndefined();
  });
});
