import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '../integration/rampart';
import { planted, type PlantedName, TRUE_ROBUSTNESS } from '../reference/planted';
import { evaluated, referenceImages } from './evaluated';

/** What remedies may leave above the truth. */
const POINTS = 0.02;

/** The audits that tell what is wrong with each. */
const FLAGGED: Readonly<Record<PlantedName, readonly string[]>> = {
  saturated: ['saturated-loss'],
  onehot: ['step-operators', 'probabilities-as-logits'],
  quantised: ['step-operators'],
  shattered: ['finite-differences'],
  random: ['randomised'],
};

describe('a broken defense that a naive attack takes for robust', () => {
  const folder = temporaryFolder();
  const data = referenceImages('mnist', join(folder, 'mnist'));
  mkdirSync(join(folder, 'models'));

  it.each(Object.keys(planted) as PlantedName[])('%s is flagged, and falls to what is true of it', async (name) => {
    const file = join(folder, 'models', `${name}.onnx`);
    writeFileSync(file, planted[name]());
    const { robustness, findings } = await evaluated([
      ...['evaluate', file, '--dataset', 'npy-folder', '--data-dir', data, '--preprocess', 'range=0..1'],
      ...['--threats', 'linf(0.1)', '--attacks', 'pgd(steps=40)', '--store', join(folder, 'store')],
    ]);
    const serious = findings.filter(({ severity }) => severity === 'high').map(({ audit }) => audit);
    expect(serious).toEqual(expect.arrayContaining([...FLAGGED[name]]));
    const [{ robustAccuracy, findings: own }] = robustness as [(typeof robustness)[0]];
    expect(own.map(({ audit }) => audit)).toEqual(expect.arrayContaining([...FLAGGED[name]]));
    expect(robustAccuracy).toBeLessThanOrEqual(TRUE_ROBUSTNESS[name] + POINTS + 1e-9);
  });
});
