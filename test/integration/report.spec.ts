import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Report } from '@rampart/reports';

import { type Ended, rampart, temporaryFolder } from './rampart';

const EXPERIMENT = `
name: small
published: mnist
dataset: mnist(classes=[4, 7], trainLimit=400, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.1), adam]
defenses: ['rad(attack=adam, rounds=1, epochs=1)']
sweeps: [{ attack: fgs, parameter: epsilon, values: [0.1, 0.3] }]
seeds: [1]
`;

/** A list of experiments, the second of which lacks its data: a folder that has none of CIFAR-10's files. */
describe('experiments in turn, and the reports of what they found', () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const data = path.join(folder, 'data');
  let ended: Ended;

  beforeAll(async () => {
    mkdirSync(data);
    writeFileSync(path.join(folder, 'small.yaml'), EXPERIMENT);
    writeFileSync(path.join(folder, 'list.yaml'), 'experiments: [paper-cifar10, small.yaml]\n');
    ended = await rampart(['run', 'list.yaml', '--store', store, '--data-dir', data], { cwd: folder });
  });

  it('runs the others where one fails, says so and ends with code 1', () => {
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/paper-cifar10: .* holds no CIFAR-10 data/);
    expect(ended.stdout).toMatch(/paper-cifar10: failed, see above\nsmall: done, run /);
  });

  it('shows the plans of all of them without running any', async () => {
    const dry = await rampart(['run', 'paper', '--dry-run', '--json', '--store', store, '--data-dir', data]);
    expect(dry.code).toBe(1);
    const lines = dry.stdout.split('\n').filter(Boolean);
    expect(lines.map((line) => (JSON.parse(line) as { type?: string }).type)).toEqual([
      'experiment',
      undefined,
      'experiment',
      'experiment-failed',
    ]);
  });

  it('reports tables and claims to the terminal', async () => {
    const { code, stdout } = await rampart(['report', '--store', store]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/published +│ 0\.045% \([+-]/);
    expect(stdout).toMatch(/C4 (holds|fails)[^:]*, [01] of 1 comparison: Attacked again/);
    expect(stdout).toMatch(/C7 (holds|fails), [01] of 1 comparison: .*larger epsilon/);
    expect(stdout).toMatch(/lenet5 under fgs +│ \d+\.\d\d% +│/);
  });

  it('reports everything as JSON', async () => {
    const { stdout } = await rampart(['report', '--format', 'json', '--store', store]);
    const report = JSON.parse(stdout) as Record<'tables' | 'claims' | 'curves', readonly object[]>;
    expect(report.tables.length).toBeGreaterThanOrEqual(4);
    expect(report.claims).toHaveLength(7);
    expect(report.curves).toContainEqual(expect.objectContaining({ diagram: 'recall-epsilon' }));
  });

  it('writes a page with images of every attack on every model', async () => {
    const file = path.join(folder, 'report.html');
    const { code, stdout } = await rampart(['report', '--format', 'html', '--out', file, '--store', store]);
    expect([code, stdout]).toEqual([0, '']);
    const html = readFileSync(file, 'utf8');
    // Two models, four test images: the original, and for two attacks the image and what was changed.
    expect(html.match(/src="data:image\/png;base64,/g)).toHaveLength(2 * 4 * 5);
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org\/)/);
  });

  it('writes a site into a folder of its own alone', async () => {
    const site = (...more: readonly string[]) => rampart(['report', '--format', 'site', '--store', store, ...more]);
    const nowhere = await site();
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('--format site --out FOLDER')]);
    const taken = await site('--out', data);
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('path with --out that does not exist yet')]);
    expect(readdirSync(data)).toEqual([]);
    const page = await rampart(['report', '--format', 'html', '--examples', '3', '--store', store]);
    expect([page.code, page.stdout, page.stderr]).toEqual([2, '', expect.stringContaining('have a page of a site')]);
  });

  it('refuses a place where it cannot write, with what to do', async () => {
    const file = path.join(folder, 'nowhere', 'report.html');
    const { code, stderr } = await rampart(['report', '--out', file, '--store', store]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/nowhere\/report.html cannot be written: no such .*Name a file in a folder that exists/);
  });
});

const THREATS = `
name: threats
dataset: mnist(classes=[4, 7], trainLimit=400, testLimit=40)
models: [lenet5]
training: { epochs: 1 }
threats: [linf(8/255), l2(1)]
examples: [adaptive]
attacks: [pgd(steps=5), ddn(steps=20), 'fab(norm=l2, steps=2)', 'fab(norm=l2, steps=5)']
seeds: [1]
`;

describe('the reports of a run with threats', () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const report = async (...more: readonly string[]) => {
    const { code, stdout } = await rampart(['report', '--store', store, ...more]);
    expect(code).toBe(0);
    return stdout;
  };

  beforeAll(async () => {
    writeFileSync(path.join(folder, 'threats.yaml'), THREATS);
    expect((await rampart(['run', 'threats.yaml', '--store', store], { cwd: folder })).code).toBe(0);
  });

  it('have robust accuracy before error rates, with its interval', async () => {
    const text = await report();
    expect(text).toMatch(/worst case +│ \d+\.\d\d% +│ 95% interval \d+\.\d\d to \d+\.\d\d, 40 instances/);
    expect(text.indexOf('Robust accuracy under linf(8/255)')).toBeLessThan(text.indexOf('Error rate under'));
    expect(text).toMatch(/Attacks by optimality, l2\n[^]* ddn\(steps=20\) +│ \d+\.\d\d% /);
    expect(await report('--format', 'markdown')).toContain(
      '## Robust accuracy under l2(1): attacks on the model itself',
    );
  });

  it('agree on it in every format', async () => {
    const { robustness, robustnessCurves, optimality } = JSON.parse(await report('--format', 'json')) as Report;
    expect(robustness.map(({ threat, attacks }) => [threat, attacks.length])).toEqual([
      ['linf(8/255)', 1],
      ['l2(1)', 4],
    ]);
    expect(new Set(robustnessCurves.map(({ norm }) => norm))).toEqual(new Set(['linf', 'l2']));
    expect(optimality[0]!.attacks).toHaveLength(3);
    const csv = await report('--format', 'csv');
    for (const { model, mode, threat, robustAccuracy, low, high } of robustness) {
      const [value, ...ends] = [robustAccuracy, low, high].map((number) => Number(number.toPrecision(6)));
      const figure = `,robustness,${model},worst-case,${mode},robust-accuracy,fraction,${value},${ends.join()},`;
      expect(csv.split('\n').filter((line) => line.includes(figure) && line.includes(threat))).toHaveLength(1);
    }
  });

  it('show a page with a table for each threat and a curve for the norm that has one', async () => {
    const html = await report('--format', 'html');
    expect(html).toContain('<section id="linf-8-255-adaptive">');
    expect(html).toMatch(/aria-label="l2: lenet5: robust accuracy against epsilon, l2"/);
    expect(html).not.toMatch(/aria-label="linf: /);
  });
});
