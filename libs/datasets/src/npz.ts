import { defineDataset, RampartError, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { arrayDataset, arrayParams, type ArraySplit, type NamedArray } from './array-dataset';
import { inputMissing } from './company';
import { readNpz } from './npz-arrays';
import { onlyFile, readUserFile, userPath } from './user-path';

/** What the arrays are commonly called, without case and punctuation: of samples and of labels. */
const TRAIN = [
  ['xtrain', 'ytrain'],
  ['trainx', 'trainy'],
  ['trainimages', 'trainlabels'],
  ['traindata', 'trainlabels'],
] as const;
const TEST = [
  ['xtest', 'ytest'],
  ['testx', 'testy'],
  ['testimages', 'testlabels'],
  ['testdata', 'testlabels'],
  ['x', 'y'],
  ['images', 'labels'],
  ['data', 'labels'],
  ['data', 'target'],
] as const;

/** Samples of anybody's, as the arrays of one .npz file. */
export const npz = defineDataset({
  name: 'npz',
  summary:
    'Images, or rows of features, and labels of your own as the arrays of one .npz file: x_test and y_test, and for training x_train and y_train',
  source: 'The .npz format of NumPy',
  version: 1,
  params: z.object({
    path: z.string().default('').describe('The file, from the data folder on; the only .npz file in it when left out'),
    ...arrayParams,
  }),
  async load(params, { dataDir, signal }) {
    throwIfCancelled(signal);
    const file = await onlyFile(userPath('npz', params.path, dataDir), ['.npz']);
    const arrays = readNpz(await readUserFile(file), file);
    throwIfCancelled(signal);
    const named = new Map(
      [...arrays].map(([name, array]) => [plain(name), { name: `${file}, array "${name}"`, array }] as const),
    );
    const inputsOf = (part: string) =>
      new Map(
        params.inputs.map((input): [string, NamedArray] => {
          const names = [`${input}_${part}`, `${part}_${input}`, ...(part === 'test' ? [input] : [])];
          const name = names.find((one) => arrays.has(one));
          if (name !== undefined) return [input, { name: `${file}, array "${name}"`, array: arrays.get(name)! }];
          throw inputMissing(input, file, `an array ${names.join(' or ')}`);
        }),
      );
    const withInputs = (pair: Pair | undefined, part: string) => pair && { ...pair, inputs: inputsOf(part) };
    const test = withInputs(splitOf(named, TEST), 'test');
    if (!test) {
      throw new RampartError({
        code: 'bad-data',
        message: `${file}: expected arrays x_test and y_test (or test_images and test_labels, x and y, images and labels). Received ${[...arrays.keys()].join(', ') || 'none'}.`,
      });
    }
    return arrayDataset('npz', { train: withInputs(splitOf(named, TRAIN), 'train'), test }, params, dataDir);
  },
});

type Pair = Pick<ArraySplit, 'samples' | 'labels'>;

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

function splitOf(
  arrays: ReadonlyMap<string, NamedArray>,
  names: readonly (readonly [string, string])[],
): Pair | undefined {
  for (const [x, y] of names) {
    const [samples, labels] = [arrays.get(x), arrays.get(y)];
    if (samples && labels) return { samples, labels };
  }
  return undefined;
}
