import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { rampart } from '../integration/rampart';

/** An experiment of seconds on real MNIST, with a sweep for the curves. */
export function experiment(name: string, seed = 1): string {
  return `
name: ${name}
published: mnist
dataset: mnist(classes=[4, 7], trainLimit=500, testLimit=240)
models: [lenet5]
training: { epochs: 6 }
attacks: [fgs(epsilon=0.1), cg, adam]
defenses: ['rad(attack=adam)']
sweeps:
  - { attack: fgs, parameter: epsilon, values: [0.1, 0.3, 0.5] }
seeds: [${seed}]
`;
}

/** Writes an experiment file into a folder and gives its path. */
export function experimentFile(folder: string, name: string, seed = 1, write = experiment): string {
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(file, write(name, seed));
  return file;
}

/** The same with threats: two models, attacked white-box and by transfer, by a budget and by the nearest example. */
export function experimentWithThreats(name: string, seed = 1): string {
  return `
name: ${name}
dataset: mnist(classes=[4, 7], trainLimit=500, testLimit=240)
models: [lenet5]
training: { epochs: 6 }
threats: ['linf(0.1)', 'l2(1)']
attacks: [pgd(steps=10), fab(steps=20)]
defenses: ['rad(attack=fgs(epsilon=0.1), rounds=1)']
seeds: [${seed}]
`;
}

interface RealStore {
  readonly folder: string;
  readonly store: string;
  remove(): void;
}

/** A folder with a store that two real runs have filled: `first`, and `second` with another seed. */
export function realStore(): Promise<RealStore> {
  return filledStore([
    ['first', 1, experiment],
    ['second', 2, experiment],
  ]);
}

/** A folder with a store that two real runs have filled: `plain`, and `robust` with threats. */
export function storeWithThreats(): Promise<RealStore> {
  return filledStore([
    ['plain', 1, experiment],
    ['robust', 1, experimentWithThreats],
  ]);
}

type Written = readonly [name: string, seed: number, write: typeof experiment];

async function filledStore(experiments: readonly Written[]): Promise<RealStore> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-browser-'));
  const store = path.join(folder, 'store');
  for (const [name, seed, write] of experiments) {
    const { code, stderr } = await rampart(['run', experimentFile(folder, name, seed, write), '--store', store]);
    if (code !== 0) throw new Error(`The run "${name}" failed: ${stderr}`);
  }
  return { folder, store, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
