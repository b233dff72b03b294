import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { rampart } from '../integration/rampart';

/** An experiment of seconds on real MNIST, with a sweep for the curves. */
export function experiment(name: string, seed = 1): string {
  return `
name: ${name}
published: mnist
dataset: mnist(classes=[4, 7], trainLimit=1500, testLimit=240)
models: [lenet5]
training: { epochs: 2 }
attacks: [fgs(epsilon=0.1), cg, adam]
defenses: ['rad(attack=adam)']
sweeps:
  - { attack: fgs, parameter: epsilon, values: [0.1, 0.3, 0.5] }
seeds: [${seed}]
`;
}

/** Writes an experiment file into a folder and gives its path. */
export function experimentFile(folder: string, name: string, seed = 1): string {
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(file, experiment(name, seed));
  return file;
}

/** A folder with a store that two real runs have filled: `first`, and `second` with another seed. */
export async function realStore(): Promise<{ readonly folder: string; readonly store: string; remove(): void }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-browser-'));
  const store = path.join(folder, 'store');
  for (const [name, seed] of [
    ['first', 1],
    ['second', 2],
  ] as const) {
    const { code, stderr } = await rampart(['run', experimentFile(folder, name, seed), '--store', store]);
    if (code !== 0) throw new Error(`The run "${name}" failed: ${stderr}`);
  }
  return { folder, store, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
