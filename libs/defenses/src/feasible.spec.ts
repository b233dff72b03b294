import { attacks } from '@rampart/attacks';
import { type DefenseDefinition, type Parameters, Rng } from '@rampart/core';
import { normalise, readModel } from '@rampart/onnx';

import { defenseArena } from './defense-arena.kit';
import { defenses } from './registry';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

/** The pixels that are black in every image and may not change. */
const FROZEN = [0, 9, 37];

/** Two noisy epochs of each: whatever changes a pixel shows. */
const QUICK: Readonly<Record<string, Parameters>> = {
  rad: { attack: { name: 'pgd', params: { epsilon: 0.3, steps: 3 } }, rounds: 1, epochs: 1, weightDecay: 0 },
  'rad-mix': {
    attacks: [{ name: 'pgd', params: { epsilon: 0.3, steps: 3 } }],
    ...{ rounds: 1, epochs: 1, quantities: [1], weightDecay: 0 },
  },
  distillation: { epochs: 1, weightDecay: 0 },
};

/** How far training moves the weights that black pixels alone are multiplied by: not at all while they stay black. */
async function movedAtFrozen(definition: DefenseDefinition, feasible: boolean): Promise<number> {
  const params = QUICK[definition.name] ?? { epochs: 1, batchSize: 16, validation: 0.1, keep: 'last' };
  const { model, train, classes } = defenseArena({});
  const data = train.images.data.slice();
  for (let i = 0; i < train.images.count; i++) FROZEN.forEach((k) => (data[i * 64 + k] = 0));
  const defended = await definition.harden(definition.params.parse(params), {
    ...{ model, classes, malicious: undefined, attacks, engine: 'onnx', rng: Rng.root(1) },
    train: { images: { ...train.images, data }, labels: train.labels },
    ...(feasible && { feasible: { frozen: Uint8Array.from({ length: 64 }, (_, k) => Number(FROZEN.includes(k))) } }),
  });
  const [before, after] = [kernelOf(model), kernelOf(defended.model)];
  expect(after).not.toEqual(before);
  return Math.max(...FROZEN.flatMap((k) => [2 * k, 2 * k + 1]).map((k) => Math.abs(after[k]! - before[k]!)));
}

function kernelOf(model: Uint8Array): Float32Array {
  return normalise(readModel(model)).graph.initializers.get('hidden/kernel')!.data as Float32Array;
}

const held = defenses
  .names()
  .map((name) => defenses.get(name))
  .filter(({ feasible }) => feasible);

it.each(held.map((definition) => [definition.name, definition] as const))(
  '%s trains on examples of the feasible set alone',
  async (name, definition) => {
    expect(await movedAtFrozen(definition, true)).toBe(0);
    if (name !== 'distillation') expect(await movedAtFrozen(definition, false)).toBeGreaterThan(1e-5);
  },
);

it('is promised by what makes examples', () => {
  expect(held.map(({ name }) => name)).toEqual(expect.arrayContaining(['rad', 'pgd-at', 'free', 'fast', 'vat']));
});
