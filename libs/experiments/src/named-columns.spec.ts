import { type Dataset, datasetChecksum, imageBatch, type LabelledImages, pixelBox } from '@rampart/core';

import { columnsNote, fitClasses } from './fit-classes';
import { inNamedColumns, namedColumnsNote } from './named-columns';

const SHAPE = { channels: 1, height: 1, width: 2 };
const BOX = pixelBox(0, 1);

const split = (...labels: readonly number[]): LabelledImages => ({
  images: imageBatch(new Float32Array(2 * labels.length), SHAPE, BOX),
  labels: Int32Array.from(labels),
});

/** Samples of the labels 5, 9 and 12 of a dataset that has names for some of its labels. */
function dataset(malicious?: number): Dataset {
  const [train, test] = [split(0, 1, 2), split(2, 0)];
  const names = Array.from({ length: 13 }, (_, label) => (label === 9 ? 'nine' : String(label)));
  return {
    ...{ shape: SHAPE, box: BOX, classes: ['5', 'nine', '12'], malicious, train, test },
    own: { labels: [5, 9, 12], names },
    checksum: datasetChecksum(train, test),
  };
}

describe('inNamedColumns', () => {
  it('gives each class the column of its name, in any case', () => {
    const placed = inNamedColumns(dataset(1), ['Nine', '12', 'other', '5']);
    expect(placed.classes).toEqual(['Nine', '12', 'other', '5']);
    expect([...placed.train.labels, ...placed.test.labels]).toEqual([3, 0, 1, 1, 3]);
    expect(placed.malicious).toBe(0);
    expect(placed.checksum).toBe(datasetChecksum(placed.train, placed.test));
    expect(fitClasses(placed, 4)).toBe(placed);
    expect(columnsNote(placed)).toBeUndefined();
    expect(inNamedColumns(placed, placed.classes)).toBe(placed);
    expect(namedColumnsNote(dataset(1), placed, placed.classes)).toEqual([
      "Classes of the data are the model's columns of their names: 5 is column 3, nine is column 0, 12 is column 1.",
    ]);
  });

  it.each([
    ['one has no column', ['nine', '12', 'five']],
    ['they are in their order already', ['5', 'nine', '12']],
  ])('leaves them as they are where %s', (_where, names) => {
    const whole = dataset(1);
    expect(inNamedColumns(whole, names)).toBe(whole);
    const note = namedColumnsNote(whole, whole, names).join();
    expect(note.includes('calls its columns nine, 12, five, and the data')).toBe(names.includes('five'));
  });
});
