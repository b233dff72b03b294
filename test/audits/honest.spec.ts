import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '../integration/rampart';
import { evaluated, referenceImages } from './evaluated';
import { EXPORTED, fixtureFile, writeOwnImages } from './honest';

const REFERENCE = join(__dirname, '../reference');

/** Models with known robustness, and the images and threat that it is known at. */
const KNOWN = [
  ['mnist-lenet', 'mnist', 'linf(0.1)'],
  ['mnist-at', 'mnist', 'linf(0.3)'],
  ['mnist-at-l2', 'mnist', 'l2(1.5)'],
  ['cifar2-at', 'airplane-cat', 'linf(8/255)'],
  ['binary-sigmoid', 'four-seven', 'linf(0.1)'],
] as const;

/** Trained here, and hardened by each defense that hides nothing. */
const TRAINED = `
name: honest
dataset: mnist(classes=[4, 7], trainLimit=1000, testLimit=100)
models: [lenet5, 'lenet5(pool=max)']
training: { epochs: 2 }
threats: ['linf(0.1)']
attacks: [pgd]
defenses: ['rad(attack=fgs(epsilon=0.1), rounds=1, epochs=1)', 'aec(attack=fgs(epsilon=0.1))', 'iaec(attack=fgs(epsilon=0.1))']
examples: [adaptive]
`;

describe('an honest model', () => {
  const folder = temporaryFolder();

  const seriousOf = async (args: readonly string[]) => {
    const { findings, robustness } = await evaluated([...args, '--store', join(folder, 'store')]);
    expect(robustness.every(({ established }) => established)).toBe(true);
    return findings
      .filter(({ severity }) => severity === 'high')
      .map(({ model, audit, summary }) => `${model}: ${audit}: ${summary}`);
  };

  const evaluate = (file: string, data: string, threat: string, attacks: readonly string[]) => [
    ...['evaluate', file, '--dataset', 'npy-folder(testLimit=60)', '--data-dir', data, '--preprocess', 'range=0..1'],
    ...['--threats', threat, ...attacks],
  ];

  it.each(KNOWN)('%s has no serious finding under what is run by itself', async (name, images, threat) => {
    const data = referenceImages(images, join(folder, images));
    expect(await seriousOf(evaluate(join(REFERENCE, `${name}.onnx`), data, threat, []))).toEqual([]);
  });

  it.each(EXPORTED)('%s, as exported, has no serious finding', async (name) => {
    const data = join(folder, name);
    mkdirSync(data, { recursive: true });
    await writeOwnImages(fixtureFile(name), data);
    const attacks = ['--attacks', 'apgd,apgd(loss=difference)'];
    expect(await seriousOf(evaluate(fixtureFile(name), data, 'linf(0.05)', attacks))).toEqual([]);
  });

  it('LeNet-5 with either pooling has none, nor what RAD, AEC and IAEC make of it', async () => {
    const file = join(folder, 'honest.yaml');
    writeFileSync(file, TRAINED);
    expect(await seriousOf(['run', file])).toEqual([]);
  });
});
