import { join } from 'node:path';

import { decodeNpy, defineDataset, RampartError, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { arrayDataset, arrayParams, type ArraySplit, type NamedArray } from './array-dataset';
import { inputMissing } from './company';
import { type DataFolder, dataFolders } from './data-folder';
import { readUserFile } from './user-path';

const TEST = ['test-images.npy', 'test-labels.npy'] as const;
const TRAIN = ['train-images.npy', 'train-labels.npy'] as const;

/** Samples of anybody's, as NumPy arrays in the user's data folder. */
export const npyFolder = defineDataset({
  name: 'npy-folder',
  summary:
    'Images, or rows of features, and labels of your own as NumPy arrays: test-images.npy and test-labels.npy, and for training train-images.npy and train-labels.npy',
  source: 'The .npy format of NumPy',
  version: 2,
  params: z.object(arrayParams),
  async load(params, { dataDir, signal }) {
    throwIfCancelled(signal);
    const folder = await findFolder(dataDir);
    const read = async ([samples, labels]: readonly [string, string], part: string): Promise<ArraySplit> => {
      const array = async (name: string) => {
        throwIfCancelled(signal);
        const path = join(folder.path, name);
        return { name: path, array: decodeNpy(await readUserFile(path), path) };
      };
      const files = params.inputs.map((input) => [input, `${part}-${input}.npy`] as const);
      const missing = files.find(([, name]) => !folder.entries.includes(name));
      if (missing) throw inputMissing(missing[0], folder.path, `the file ${missing[1]}`);
      const inputs = new Map<string, NamedArray>();
      for (const [input, name] of files) inputs.set(input, await array(name));
      return { samples: await array(samples), labels: await array(labels), inputs };
    };
    const train = TRAIN.some((name) => folder.entries.includes(name)) ? await read(TRAIN, 'train') : undefined;
    return arrayDataset('npy-folder', { train, test: await read(TEST, 'test') }, params, dataDir);
  },
});

async function findFolder(dataDir: string | undefined): Promise<DataFolder> {
  if (dataDir === undefined) {
    throw new RampartError({
      code: 'usage',
      message: `npy-folder reads your own data: pass --data-dir with a folder that holds ${TEST.join(', ')}, and ${TRAIN.join(', ')} if something is to be trained.`,
    });
  }
  const [folder] = (await dataFolders(dataDir, /^$/)) as [DataFolder];
  const half = TRAIN.some((name) => folder.entries.includes(name));
  const missing = [...TEST, ...(half ? TRAIN : [])].filter((name) => !folder.entries.includes(name));
  if (missing.length === 0) return folder;
  throw new RampartError({
    code: 'bad-data',
    message: `"${dataDir}": expected the files ${TEST.join(', ')}${half ? ` beside ${TRAIN.join(', ')}` : ''}. Received a folder without ${missing.join(', ')}.`,
  });
}
