import { datasetChecksum } from '@rampart/core';

import { fewClasses } from './few-classes.kit';
import { columnsNote, fitClasses } from './fit-classes';
import { inNamedColumns, namedColumnsNote } from './named-columns';

describe('inNamedColumns', () => {
  it('gives each class the column of its name, in any case', () => {
    const placed = inNamedColumns(fewClasses(1), ['Nine', '12', 'other', '5']);
    expect(placed.classes).toEqual(['Nine', '12', 'other', '5']);
    expect([...placed.train.labels, ...placed.test.labels]).toEqual([3, 0, 1, 1, 3]);
    expect(placed.malicious).toBe(0);
    expect(placed.checksum).toBe(datasetChecksum(placed.train, placed.test));
    expect(fitClasses(placed, 4)).toBe(placed);
    expect(columnsNote(placed)).toBeUndefined();
    expect(inNamedColumns(placed, placed.classes)).toBe(placed);
    expect(namedColumnsNote(fewClasses(1), placed, placed.classes)).toEqual([
      "Classes of the data are the model's columns of their names: 5 is column 3, nine is column 0, 12 is column 1.",
    ]);
  });

  it.each([
    ['one has no column', ['nine', '12', 'five']],
    ['they are in their order already', ['5', 'nine', '12']],
  ])('leaves them as they are where %s', (_where, names) => {
    const whole = fewClasses(1);
    expect(inNamedColumns(whole, names)).toBe(whole);
    const note = namedColumnsNote(whole, whole, names).join();
    expect(note.includes('calls its columns nine, 12, five, and the data')).toBe(names.includes('five'));
  });
});
