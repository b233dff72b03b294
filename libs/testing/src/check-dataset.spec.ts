import {
  type Dataset,
  datasetChecksum,
  type DatasetDefinition,
  defineDataset,
  imageBatch,
  type LabelledImages,
  PUBLICATION_BOX,
  Rng,
  throwIfCancelled,
} from '@rampart/core';
import { z } from 'zod';

import { checkDataset, type DatasetCheckOptions, describeDataset } from './check-dataset';

const SHAPE = { channels: 1, height: 3, width: 3 };

function split(name: string, count: number): LabelledImages {
  const rng = Rng.root(name);
  const data = Float32Array.from({ length: count * 9 }, () => rng.uniform() - 0.5);
  return {
    images: imageBatch(data, SHAPE, PUBLICATION_BOX),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  };
}

function sealed(parts: Partial<Dataset>): Dataset {
  const train = parts.train ?? split('train', 20);
  const test = parts.test ?? split('test', 10);
  return {
    shape: SHAPE,
    box: PUBLICATION_BOX,
    classes: ['square', 'round'],
    malicious: 0,
    train,
    test,
    checksum: datasetChecksum(train, test),
    ...parts,
  };
}

function dataset(load: () => Dataset, heedsSignal = true): DatasetDefinition {
  return defineDataset({
    name: 'on-trial',
    summary: 'A dataset on trial',
    source: 'This spec',
    version: 1,
    params: z.object({}),
    async load(_params, { signal }) {
      if (heedsSignal) throwIfCancelled(signal);
      return load();
    },
  });
}

const changed = (part: LabelledImages, change: (data: Float32Array, labels: Int32Array) => void): LabelledImages => {
  change(part.images.data, part.labels);
  return part;
};

describeDataset(dataset(() => sealed({})));

describe('checkDataset finds', () => {
  const kept = sealed({});
  let loads = 0;
  const faults: readonly [string, DatasetDefinition, readonly string[], DatasetCheckOptions?][] = [
    [
      'too few labels',
      dataset(() => sealed({ test: { ...split('test', 10), labels: Int32Array.of(0, 1) } })),
      ['has as many pixels and labels as images'],
    ],
    [
      'a label out of range',
      dataset(() => sealed({ train: changed(split('train', 20), (_, labels) => (labels[3] = 2)) })),
      ['labels every image with one of its classes, and uses more than one'],
    ],
    [
      'images of one class only',
      dataset(() =>
        sealed({
          train: changed(split('train', 20), (_, labels) => labels.fill(1)),
          test: changed(split('test', 10), (_, labels) => labels.fill(1)),
        }),
      ),
      ['labels every image with one of its classes, and uses more than one'],
    ],
    [
      'a malicious class that does not exist',
      dataset(() => sealed({ malicious: 2 })),
      ['names a malicious class that exists'],
    ],
    [
      'a pixel outside the box',
      dataset(() => sealed({ train: changed(split('train', 20), (data) => (data[100] = 0.51)) })),
      ['has finite pixels inside its box, and uses the box'],
    ],
    [
      'a pixel that is NaN',
      dataset(() => sealed({ test: changed(split('test', 10), (data) => (data[5] = NaN)) })),
      ['has finite pixels inside its box, and uses the box'],
    ],
    [
      'pixels that were scaled twice',
      dataset(() =>
        sealed({ train: changed(split('train', 20), (data) => data.forEach((value, k) => (data[k] = value / 255))) }),
      ),
      ['has finite pixels inside its box, and uses the box'],
    ],
    [
      'a checksum of something else',
      dataset(() => sealed({ checksum: 'f00' })),
      ['has the checksum of its content', 'loads the same a second time, whatever became of the first'],
    ],
    [
      'test images among the training images',
      dataset(() => {
        const train = split('train', 20);
        return sealed({
          train,
          test: changed(split('test', 10), (data) => data.set(train.images.data.subarray(9, 36))),
        });
      }),
      ['keeps test images out of the training images'],
    ],
    [
      'arrays that are handed out twice',
      dataset(() => kept),
      ['loads the same a second time, whatever became of the first'],
    ],
    [
      'images that change from load to load',
      dataset(() => sealed({ train: split(`train ${loads++}`, 20) })),
      ['loads the same a second time, whatever became of the first'],
    ],
    ['a signal that is not heeded', dataset(() => sealed({}), false), ['stops when the signal fires']],
  ];

  it.each(faults.map(([what, definition, expected]) => ({ what, definition, expected })))(
    '$what',
    async ({ definition, expected }) => {
      const broken = (await checkDataset(definition)).filter((law) => !law.ok);
      expect(broken.map((law) => law.name)).toEqual(expected);
    },
  );

  it('no overlap beyond the fraction that is allowed', async () => {
    const train = split('train', 20);
    const overlapping = dataset(() =>
      sealed({ train, test: changed(split('test', 10), (data) => data.set(train.images.data.subarray(0, 9))) }),
    );
    const verdicts = async (overlap: number) =>
      (await checkDataset(overlapping, { overlap })).find((law) => law.name.startsWith('keeps test images'));
    expect(await verdicts(0.1)).toMatchObject({ ok: true });
    expect(await verdicts(0.05)).toMatchObject({
      ok: false,
      message: expect.stringContaining('1 of its 10 test images are training images too'),
    });
  });
});
