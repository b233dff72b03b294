import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { installation } from '@rampart/experiments';

/** What the package of the command line says about itself. */
export const PACKAGE = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

/** What `rampart --version` prints, without the end of its last line. */
export async function versions(): Promise<string> {
  const { onnxRuntime, engines } = await installation();
  return [
    `rampart ${PACKAGE.version}`,
    `Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    `ONNX Runtime ${onnxRuntime}`,
    ...engines.map(({ name, runsOn }) => `engine ${name}: ${runsOn}`),
  ].join('\n');
}
