import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new dataset in libs/datasets. */
export default function dataset(tree: Tree, options: ComponentOptions) {
  return writeComponent(tree, 'dataset', options, ({ name, camel }) => ({
    source: `
import { defineDataset, RampartError } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawDataset } from './assemble';
import { classChoice, splitLimit } from './class-choice';

const NAMES = ['0', '1'];

/** Say what the images are, and where the files come from. */
export const ${camel} = defineDataset({
  name: '${name}',
  summary: 'One sentence for rampart list.',
  source: 'Authors, year, "title"',
  version: 1,
  params: z.object({
    classes: classChoice(NAMES, [0, 1]),
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  load: async (params, { dataDir, signal }) => assembleDataset(await read(dataDir, signal), params),
});

/** Both splits as the files hold them; byteSplit and scaleBytes of ./assemble scale bytes. Stops at the signal. */
function read(dataDir: string | undefined, signal: AbortSignal | undefined): Promise<RawDataset> {
  return Promise.reject(
    new RampartError({
      code: 'contract',
      message: \`Dataset "${name}" cannot be read yet: received the folder \${dataDir}, cancelled: \${signal?.aborted}. Write read in libs/datasets/src/${name}.ts: return { shape, names, train, test }.\`,
    }),
  );
}
`,
    spec: `
import { describeDataset } from '@rampart/testing';

import { ${camel} } from './${name}';

// A dataset that ships no data is told where some is: describeDataset(${camel}, { dataDir }).
describeDataset(${camel});
`,
    page: pageText(name, 'What the images show, how many there are, their size, where the files come from.'),
    next: `fill in read in libs/datasets/src/${name}.ts.`,
  }));
}
