// How long commands take to say what they have to say before they do anything: beside a process of Node alone, and
// beside one that loads what a run needs.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { compare } from './compare.mjs';

const CLI = fileURLToPath(new URL('../../apps/trainer/bin/rampart.cjs', import.meta.url));
const load = createRequire(new URL('../../apps/trainer/package.json', import.meta.url));
const libraries = ['@rampart/experiments', '@rampart/reports'].map((name) => load.resolve(name));

const node = (...args) => spawnSync(process.execPath, args, { stdio: 'ignore' });

export default async function bench() {
  const start = (name, ...args) => ({ name, work: 1, run: () => void node(...args) });
  await compare(
    'starts',
    [
      start('the libraries', '-e', libraries.map((file) => `require(${JSON.stringify(file)})`).join(';')),
      start('rampart list attacks', CLI, 'list', 'attacks'),
      start('rampart --help', CLI, '--help'),
      start('wrong usage', CLI, 'run', '--wrong'),
      start('Node alone', '-e', '0'),
    ],
    { rounds: 5 },
  );
}
