import fc from 'fast-check';

import { chooseClasses, classChoice } from './class-choice';

const NAMES = ['airplane', 'automobile', 'bird', 'cat'];
const schema = classChoice(NAMES, ['airplane', 'cat']);

describe('classChoice', () => {
  it('has one form for names and numbers', () => {
    expect(schema.parse([3, 'Airplane'])).toEqual(['cat', 'airplane']);
    expect(schema.parse(['cat', 0])).toEqual(['cat', 'airplane']);
    expect(schema.parse(undefined)).toEqual(['airplane', 'cat']);
  });

  it('takes all, and an empty list, for every class', () => {
    expect(schema.parse('all')).toBe('all');
    expect(schema.parse([])).toBe('all');
  });

  it('writes classes that are numbers as numbers', () => {
    expect(classChoice(['0', '1', '2'], [0, 1]).parse(['2', 1])).toEqual([2, 1]);
  });

  it('takes a number for the label of that name, not for a place, where classes are called by their labels', () => {
    const labels = classChoice(['5', '9', '12'], 'all');
    expect(labels.parse([9, '5'])).toEqual([9, 5]);
    expect(() => labels.parse([5, 1])).toThrow('there is no class 1; known: 5, 9, 12');
  });

  it('leaves its own output as it is', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(3), { minLength: 2 }), (numbers) => {
        const once = schema.parse(numbers);
        expect(schema.parse(once)).toEqual(once);
      }),
      { seed: 5 },
    );
  });

  it.each([
    [['cat', 'catt'], 'Unknown class "catt". Did you mean "cat"?'],
    [['cat', 4], 'there is no class 4; known: 0 airplane, 1 automobile, 2 bird, 3 cat'],
    [['cat', -1], 'there is no class -1'],
    [['cat', 1.5], 'there is no class 1.5'],
    [['cat', 3], 'class "cat" is named twice'],
    [['cat'], 'expected at least two classes'],
    ['cat', 'expected a list of classes'],
  ])('refuses %j', (value, message) => {
    expect(schema.safeParse(value).error?.issues[0]?.message).toContain(message);
  });
});

describe('chooseClasses', () => {
  it.each([
    [['airplane', 'cat'], 0],
    [['cat', 'airplane'], 1],
  ])('counts labels in the order of the dataset, the first of %j malicious', (choice, malicious) => {
    expect(chooseClasses(NAMES, choice)).toEqual({
      classes: ['airplane', 'cat'],
      newLabels: Int32Array.of(0, -1, -1, 1),
      malicious,
    });
  });

  it('gives every class its own label whatever order they are named in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(NAMES, { minLength: 2 }), (choice) => {
        const { classes, newLabels } = chooseClasses(NAMES, choice);
        const sorted = chooseClasses(
          NAMES,
          choice.toSorted((a, b) => NAMES.indexOf(a) - NAMES.indexOf(b)),
        );
        expect({ classes, newLabels }).toEqual({ classes: sorted.classes, newLabels: sorted.newLabels });
      }),
      { seed: 6 },
    );
  });

  it('attacks every class where all are kept', () => {
    expect(chooseClasses(NAMES, 'all')).toEqual({
      classes: NAMES,
      newLabels: Int32Array.of(0, 1, 2, 3),
      malicious: undefined,
    });
  });
});
