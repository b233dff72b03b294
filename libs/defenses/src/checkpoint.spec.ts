import { attacks } from '@rampart/attacks';
import { parseComponent, RampartError, Rng } from '@rampart/core';
import { InterruptingCheckpoint } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { defenses } from './registry';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

it.each([
  // Of the range test nothing is kept; what is found out about epochs is.
  'pgd-at(epsilon=0.1, steps=2, epochs=3, batchSize=32, validation=0.2, learningRate=auto, patience=1)',
  'trades(epsilon=0.1, attack=fgs(epsilon=0.1), epochs=2, batchSize=32, validation=0)',
  // The attack of each round, and its training.
  'rad(attack=fgs(epsilon=0.5), rounds=2, epochs=1, batchSize=48)',
  'distillation(epochs=1, batchSize=48)',
])('%s goes on to the same model, curves and facts wherever it was stopped', async (text) => {
  const { definition, params } = defenses.resolve(parseComponent(text), { attack: attacks as never });
  const { model, train, classes, malicious } = defenseArena({});
  const problem = { model, train, classes, malicious, attacks, engine: 'onnx', rng: Rng.root(1) };
  const all = new InterruptingCheckpoint();
  const undisturbed = await definition.harden(params, { ...problem, checkpoint: all });
  expect(await definition.harden(params, problem)).toEqual(undisturbed);
  const count = all.states.length;
  expect(count).toBeGreaterThan(3);
  for (const most of [1, Math.ceil(count / 2)]) {
    const checkpoint = new InterruptingCheckpoint(most);
    await expect(definition.harden(params, { ...problem, checkpoint, signal: checkpoint.signal })).rejects.toThrow(
      RampartError,
    );
    const again = checkpoint.again();
    expect(await definition.harden(params, { ...problem, checkpoint: again })).toEqual(undisturbed);
    expect(again.states.length).toBeLessThanOrEqual(count - most + 1);
  }
});
