import { attacks } from '@rampart/attacks';
import { type ComponentSpec, type DefenseProblem, parseComponent, Rng } from '@rampart/core';
import type { DefenseCheckOptions } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { defenses } from '../registry';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const QUICK = 'epochs=2, batchSize=16, validation=0.2';

function harden(text: string, change: (arena: DefenseCheckOptions) => Partial<DefenseProblem> = () => ({})) {
  const spec: ComponentSpec = parseComponent(text);
  const { definition, params } = defenses.resolve(spec, { attack: attacks as never });
  const arena = defenseArena({});
  const { model, train, classes } = arena;
  const given = { model, train, classes, malicious: undefined, attacks, engine: 'onnx', rng: Rng.root(1) };
  return definition.harden(params, { ...given, ...change(arena) });
}

it('takes any attack with a budget as the inner one', async () => {
  const { facts } = await harden(`pgd-at(epsilon=0.1, attack=fgs(epsilon=0.1), ${QUICK})`);
  expect(facts).toMatchObject({ epochs: 2, 'validation accuracy': expect.any(Number) });
});

it.each([
  ['an inner attack without a budget', 'pgd-at(attack=fmn)', /inner attack "fmn" has no budget.*pgd\(epsilon=0.1\)/],
  [
    'a layer that does not exist',
    `trades(freeze=[hiden], ${QUICK})`,
    /Unknown layer to freeze: "hiden". Did you mean "hidden"\?/,
  ],
  [
    'class weights of other classes',
    'mart(classWeights=[1, 2, 3])',
    /one class weight for each of 2 classes. Received 3/,
  ],
  [
    'the previous example of an image that is shifted',
    `fast(start=previous, crops=1, ${QUICK})`,
    /Expected start=random, or neither flips nor crops/,
  ],
  [
    'the previous example of an image that is mirrored',
    `trades(start=previous, flips=true, ${QUICK})`,
    /Expected start=random, or neither flips nor crops/,
  ],
  ['class weights that leave nothing', 'fast(classWeights=[0, 0])', /one is above 0/],
])('refuses %s', async (_what, text, message) => {
  await expect(harden(text)).rejects.toThrow(message);
});

it('asks for labels, unless the objective does without', async () => {
  const unlabelled = ({ train }: DefenseCheckOptions) => ({
    train: { ...train, labels: train.labels.map((label, i) => (i % 3 === 0 ? -1 : label)) },
  });
  await expect(harden(`pgd-at(epsilon=0.1, ${QUICK})`, unlabelled)).rejects.toThrow(/Received -1 at index/);
  await expect(harden(`vat(epsilon=0.5, ${QUICK})`, unlabelled)).resolves.toHaveProperty('facts.epochs', 2);
});

it('stops where no epoch is more robust, and keeps the best', async () => {
  const { facts, curves } = await harden(
    'pgd-at(epsilon=0.01, epochs=9, batchSize=16, validation=0.3, patience=2, learningRate=1e-9)',
  );
  // Equally robust epochs count as better ones, so weights that stay the same go on to the end.
  expect(facts).toMatchObject({ epochs: 9 });
  const robust = curves.filter(({ series }) => series === 'validation robust accuracy').map(({ y }) => y);
  expect(robust).toHaveLength(10);
  expect(facts['validation robust accuracy']).toBe(Math.max(...robust));
});

it.each(['pgd-at', 'trades', 'trades-l2', 'mart', 'awp'])(
  'starts at the examples of the epoch before: %s',
  async (name) => {
    const { model, facts } = await harden(`${name}(epsilon=0.05, start=previous, steps=1, ${QUICK})`);
    expect(facts['validation accuracy']).toBeGreaterThan(0.8);
    const { model: anew } = await harden(`${name}(epsilon=0.05, step=0.05, steps=1, ${QUICK})`);
    expect(Buffer.compare(model, anew)).not.toBe(0);
  },
);

it('starts the only step anew at every image that is shifted', async () => {
  const { facts } = await harden(`fast(epsilon=0.05, crops=1, ${QUICK})`);
  expect(facts['validation accuracy']).toBeGreaterThan(0.8);
});

it('mirrors, shifts and weighs, and averages by epochs', async () => {
  const { facts } = await harden(
    `goodfellow(epsilon=0.05, crops=1, flips=false, classWeights=balanced, averaging=swa, keep=last, optimiser=sgd, schedule=cosine, ${QUICK})`,
  );
  expect(facts['validation accuracy']).toBeGreaterThan(0.8);
});
