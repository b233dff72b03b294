import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { rampart, temporaryFolder } from './rampart';

const SMOOTHED = 'randomised-smoothing(sigma=0.2, copies=2, epochs=1)';
const experiment = (...lines: readonly string[]) =>
  [
    'name: smoothed',
    'dataset: mnist(classes=[4, 7], trainLimit=200, testLimit=20)',
    'models: [lenet5]',
    'training: { epochs: 2 }',
    'threats: [l2(0.2)]',
    'attacks: ["fmn(norm=l2, steps=10)"]',
    'audits: []',
    ...lines,
  ].join('\n');

interface Certified {
  readonly certifications: readonly {
    readonly model: string;
    readonly sigma: number;
    readonly abstained: number;
    readonly curve: readonly { readonly radius: number; readonly accuracy: number }[];
    readonly certificates: readonly { readonly label: number; readonly prediction: number; readonly radius: number }[];
  }[];
}

interface Reported {
  readonly certificates: readonly {
    readonly instances: number;
    readonly curve: readonly (readonly [radius: number, accuracy: number, low: number, high: number])[];
  }[];
  readonly tables: readonly {
    readonly id: string;
    readonly rows: readonly { readonly cells: readonly { readonly value: number }[] }[];
  }[];
  readonly robustness: readonly { readonly model: string; readonly mode: string; readonly robustAccuracy: number }[];
  readonly findings: readonly { readonly audit: string; readonly severity: string }[];
}

describe('rampart certify', () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const certify = (...more: readonly string[]) => rampart(['certify', '--store', store, ...more]);
  const reported = async () => {
    const { stdout } = await rampart(['report', '--store', store, '--format', 'json']);
    return JSON.parse(stdout) as Reported;
  };
  const run = async (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text);
    const { code, stderr } = await rampart(['run', path.join(folder, name), '--store', store, '--engine', 'onnx']);
    expect(code === 0 ? '' : stderr).toBe('');
  };

  it('gives the certified accuracy of a smoothed model at every radius, the same whenever it is asked', async () => {
    await run('smoothed.yaml', experiment(`defenses: ["${SMOOTHED}"]`, 'certify: { samples: 400, limit: 12 }'));
    // The run has certified it: nothing is computed again.
    const before = await reported();
    expect(before.certificates).toMatchObject([{ model: SMOOTHED, samples: 400, instances: 12 }]);
    const options = ['latest', '--samples', '400', '--limit', '12'];
    const { code, stdout } = await certify(...options, '--json');
    expect(code).toBe(0);
    const { certifications } = JSON.parse(stdout) as Certified;
    expect(certifications).toHaveLength(1);
    const { sigma, abstained, curve, certificates } = certifications[0]!;
    expect([sigma, certificates.length]).toEqual([0.2, 12]);
    const right = certificates.filter(({ label, prediction }) => prediction === label);
    expect(curve[0]).toEqual({ radius: 0, accuracy: right.length / 12 });
    expect(right.length).toBeGreaterThan(6);
    expect(abstained).toBe(certificates.filter(({ prediction }) => prediction === -1).length / 12);
    expect(curve.map(({ radius }) => radius)).toEqual(curve.map(({ radius }) => radius).toSorted((a, b) => a - b));
    expect(curve.at(-1)!.accuracy).toBeGreaterThan(0);
    // All of 400 copies are taken for one class: the share is 0.001^(1/400) at least, whose quantile is 2.12.
    expect(curve.at(-1)!.radius).toBeLessThanOrEqual(2.12 * sigma);
    expect((await certify(...options, '--json')).stdout).toBe(stdout);

    const { stdout: text } = await certify(...options);
    expect(text).toContain(`12 instances, noise of 0.2`);
    expect(text).toMatch(new RegExp(`l2\\(0\\) +│ ${((100 * right.length) / 12).toFixed(1)}%`));
    expect(await reported()).toEqual(before);
  });

  it('keeps it among the figures of the run, beside robust accuracy where it is of the same instances', async () => {
    const figures = (report: Reported) => report.tables.find(({ id }) => id === 'certified')!.rows[0]!.cells;
    expect((await certify('latest', '--samples', '400')).code).toBe(0);
    // A report refuses figures that are not those that the run ended with.
    const report = await reported();
    const [{ curve, instances }] = report.certificates as [Reported['certificates'][number]];
    expect([report.certificates.length, instances]).toEqual([1, 20]);
    expect(figures(report)[0]!.value).toBe(curve[0]![1]);
    const certified = curve.find(([radius]) => radius >= 0.2)?.[1] ?? 0;
    const { stdout: markdown } = await rampart(['report', '--store', store, '--format', 'markdown']);
    expect(markdown).toContain(`certified ${(100 * certified).toFixed(2)}%`);
    // No certificate is above what an attack leaves, but for examples that the file's few copies misjudge.
    const { robustAccuracy } = report.robustness.find(({ model, mode }) => model === SMOOTHED && mode === 'adaptive')!;
    const misjudged = report.findings.find(({ audit }) => audit === 'certificates');
    expect(certified <= robustAccuracy || misjudged?.severity === 'low').toBe(true);
  });

  it('says what to certify where nothing is smoothed, and what a probability is', async () => {
    writeFileSync(path.join(folder, 'none.yaml'), experiment('certify: {}'));
    const none = await rampart(['run', path.join(folder, 'none.yaml'), '--store', store, '--engine', 'onnx']);
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/Add "randomised-smoothing" to the defenses/)]);
    await run('plain.yaml', experiment());
    const plain = await certify('latest');
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    expect(plain.stderr).toMatch(/has no smoothed model to certify\. Name one with the defense randomised-smoothing/);
    const sure = await certify('latest', '--alpha', '2');
    expect(sure.code).toBe(2);
  });
});
