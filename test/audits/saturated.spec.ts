import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createCaller, openStore } from '@rampart/api';

import { rampart, temporaryFolder } from '../integration/rampart';
import { heads } from '../reference/planted';
import { evaluated, referenceImages } from './evaluated';

/** Distillation at T = 100, whose logits grow a hundredfold, under one step of the sign of the gradient. */
const DISTILLATION = `
name: saturated distillation
dataset: mnist(classes=[4, 7], trainLimit=1500, testLimit=240)
models: [lenet5]
training: { epochs: 3 }
attacks: [fgs(epsilon=0.3)]
defenses: [distillation(temperature=100)]
`;

const DISTILLED = 'distillation(temperature=100)';

describe('a distillation whose loss is saturated', () => {
  const folder = temporaryFolder();
  const store = join(folder, 'store');
  const file = join(folder, 'distillation.yaml');
  let findings: Awaited<ReturnType<typeof evaluated>>['findings'];

  beforeAll(async () => {
    writeFileSync(file, DISTILLATION);
    ({ findings } = await evaluated(['run', file, '--store', store]));
  });

  it('is flagged, and what is replayed tells more than what was made against it', () => {
    const own = findings.filter(({ model, severity }) => model === DISTILLED && severity === 'high');
    expect(own.map(({ audit }) => audit)).toEqual(
      expect.arrayContaining(['saturated-loss', 'no-progress', 'transfer-stronger']),
    );
    expect(own.every(({ remedies }) => remedies.length > 0)).toBe(true);
    expect(findings.filter(({ model, severity }) => model === 'lenet5' && severity === 'high')).toEqual([]);
  });

  it.each(['text', 'markdown', 'html', 'csv'])('is said so in the report as %s', async (format) => {
    const output = join(folder, `report.${format}`);
    const { code } = await rampart(['report', '--store', store, '--format', format, '--out', output]);
    expect(code).toBe(0);
    const report = readFileSync(output, 'utf8');
    expect(report).toContain('saturated-loss');
    expect(report).toContain('the gradient of the cross-entropy rounds to zero');
    if (format !== 'csv') expect(report).toContain('Every model falls');
  });

  it('is said so to the dashboard', async () => {
    const opened = await openStore(store, { readOnly: true });
    const api = createCaller({ store: opened } as Parameters<typeof createCaller>[0]);
    const shown = await api.runs.findings({ id: 'latest' });
    expect(shown).toContainEqual(
      expect.objectContaining({ model: DISTILLED, audit: 'saturated-loss', severity: 'high' }),
    );
    const [standing] = await api.runs.standings({ id: 'latest' });
    expect(standing!.headline.kind).toBe('falls');
    const { runs } = await api.runs.list({});
    expect(runs[0]!.best!.everyFalls).toBe(true);
    await opened.close();
  });
});

describe('a head that hides the gradients of logits behind it', () => {
  const folder = temporaryFolder();
  const data = referenceImages('mnist', join(folder, 'mnist'));
  mkdirSync(join(folder, 'models'));

  const evaluate = (name: keyof typeof heads) => {
    const file = join(folder, 'models', `${name}.onnx`);
    writeFileSync(file, heads[name]());
    return evaluated([
      ...['evaluate', file, '--dataset', 'npy-folder(testLimit=60)', '--data-dir', data, '--preprocess', 'range=0..1'],
      ...['--threats', 'linf(0.1)', '--attacks', 'fgs(epsilon=0.1)', '--store', join(folder, 'store')],
    ]);
  };

  it('is flagged where it saturates the loss', async () => {
    const { robustness, findings } = await evaluate('times1000');
    expect(findings).toContainEqual(expect.objectContaining({ audit: 'saturated-loss', severity: 'high' }));
    // The network itself keeps 59% of its 200 images at this threat; of the first 60 at most two more.
    expect(robustness[0]!.robustAccuracy).toBeLessThanOrEqual(0.65);
  });

  it.each(['clipped', 'blended', 'percent'] as const)(
    '%s is seen through: the network itself is attacked, and nothing of it is flagged',
    async (name) => {
      const [plain, headed] = [await evaluate('plain'), await evaluate(name)];
      expect(headed.robustness[0]!.robustAccuracy).toBe(plain.robustness[0]!.robustAccuracy);
      expect(headed.findings.map(({ audit }) => audit)).toEqual(plain.findings.map(({ audit }) => audit));
      expect(headed.findings.map(({ audit }) => audit)).not.toContain('probabilities-as-logits');
    },
  );
});
