import { type Dataset, datasetChecksum, imageBatch, type LabelledImages, pixelBox } from '@rampart/core';

const SHAPE = { channels: 1, height: 1, width: 2 };
const BOX = pixelBox(0, 1);

const split = (...labels: readonly number[]): LabelledImages => ({
  images: imageBatch(new Float32Array(2 * labels.length), SHAPE, BOX),
  labels: Int32Array.from(labels),
});

/** Samples of the labels 5, 9 and 12 of a dataset that has names for some of its labels. */
export function fewClasses(malicious?: number): Dataset {
  const [train, test] = [split(0, 1, 2), split(2, 0)];
  const names = Array.from({ length: 13 }, (_, label) => (label === 9 ? 'nine' : String(label)));
  return {
    ...{ shape: SHAPE, box: BOX, classes: ['5', 'nine', '12'], malicious, train, test },
    own: { labels: [5, 9, 12], names },
    checksum: datasetChecksum(train, test),
  };
}
