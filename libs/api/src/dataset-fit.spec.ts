import { classesFor, fitOf, misfit } from './dataset-fit';

const model = (input: readonly (number | string)[], output: readonly (number | string)[] = ['N', 2]) => ({
  inputs: [{ name: 'x', type: 'float32', shape: [...input] }],
  outputs: [{ name: 'y', type: 'float32', shape: [...output] }],
});

it.each([
  [
    ['N', 1, 28, 28],
    ['mnist', 'fashion-mnist'],
  ],
  [
    ['N', 784],
    ['mnist', 'fashion-mnist'],
  ],
  [
    [1, 32, 32, 3],
    ['cifar10', 'cifar100'],
  ],
  [['N', 3, 224, 224], []],
] as const)('%j takes samples of %j', (input, datasets) => {
  expect(fitOf(model(input)).datasets).toEqual(datasets);
});

it('knows nothing of open dimensions, and refuses nothing for them', () => {
  const fit = fitOf(model(['N', 3, 'H', 'W'], ['N', 'classes']));
  expect(fit).toMatchObject({ input: undefined, classes: undefined });
  expect(misfit(fit, 'mnist')).toBeUndefined();
  expect(misfit({ input: [5] }, 'csv')).toBeUndefined();
});

it('says what it takes, what there is, and what would fit', () => {
  expect(misfit({ input: [1, 28, 28] }, 'cifar10')).toBe(
    'The model takes 1x28x28, and samples of cifar10 are 3x32x32. Choose mnist or fashion-mnist, or data of your own.',
  );
  expect(misfit({ input: [64] }, 'mnist')).toMatch(/takes 64, .* Choose data of that shape\.$/);
});

it('takes all classes of a dataset for a model of as many', () => {
  expect(classesFor('mnist', 10)).toBe('all');
  expect(classesFor('mnist', 2)).toBeUndefined();
});
