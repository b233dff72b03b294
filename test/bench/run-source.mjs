import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Runs a file in TypeScript over the libraries' sources. `output` is where its output goes. */
export function runSource(file, args = [], output = 'inherit') {
  const options = ['--conditions=@rampart/source', '--require=@swc-node/register'];
  const { status } = spawnSync(process.execPath, [...options, join(root, file), ...args], {
    cwd: root,
    stdio: ['ignore', output, 'inherit'],
  });
  if (status !== 0) throw new Error(`${file} failed.`);
}
