import { datasetChecksum } from '@rampart/core';

import { fewClasses } from './few-classes.kit';
import { columnsNote, fitClasses } from './fit-classes';

describe('fitClasses', () => {
  it('leaves a dataset of as many classes as it is, and says which column is whose', () => {
    const whole = fewClasses();
    expect(fitClasses(whole, 3)).toBe(whole);
    expect(columnsNote(whole)).toBe(
      "Labels of the data are mapped to the model's columns: 5 is column 0, 9 (nine) is column 1, 12 is column 2.",
    );
  });

  it('gives each label its own column of a model of more, and its content another checksum', () => {
    const fitted = fitClasses(fewClasses(1), 20);
    expect(fitted.classes).toHaveLength(20);
    expect([fitted.classes[5], fitted.classes[9], fitted.classes[12], fitted.classes[19]]).toEqual([
      '5',
      'nine',
      '12',
      '19',
    ]);
    expect([...fitted.train.labels, ...fitted.test.labels]).toEqual([5, 9, 12, 12, 5]);
    expect(fitted.malicious).toBe(9);
    expect(fitted.checksum).toBe(datasetChecksum(fitted.train, fitted.test));
    expect(fitted.checksum).not.toBe(fewClasses(1).checksum);
    expect(columnsNote(fitted)).toBeUndefined();
    expect(fitClasses(fitted, 20)).toBe(fitted);
  });

  it.each([2, 4, 12])('refuses a model of %d classes', (columns) => {
    expect(() => fitClasses(fewClasses(), columns)).toThrow(
      `Expected a model of 3 classes (5, nine, 12), or one with a column for each label of the dataset. Received one of ${columns}.`,
    );
  });

  it('asks for as many classes where labels are not known by more than their classes', () => {
    const { own: _, ...plain } = fewClasses();
    expect(() => fitClasses(plain, 20)).toThrow('Expected a model of 3 classes (5, nine, 12). Received one of 20.');
  });
});
