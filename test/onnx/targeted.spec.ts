import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, encodeNpy, npyNumbers } from '@rampart/core';

import { rampart, temporaryFolder } from '../integration/rampart';
import { expectRefusal, runJson, valuesOf } from './command';

const INPUTS = path.join(__dirname, 'inputs');
const MODEL = path.join(INPUTS, 'float.onnx');
const DIGITS = ['--dataset', 'npy-folder', '--data-dir', path.join(INPUTS, 'digits'), '--preprocess', 'range=0..1'];
const folder = temporaryFolder();
const store = path.join(folder, 'store');

const evaluate = (target: string, attacks: string) =>
  runJson([
    ...['evaluate', MODEL, '--name', 'model', ...DIGITS, '--attacks', attacks, '--target', target],
    ...['--audits', 'none', '--store', store],
  ]);
const adaptive = (run: Awaited<ReturnType<typeof evaluate>>, metric: string) =>
  valuesOf(run, metric, 'model', 'adaptive');
const percent = (value: number) => `${(100 * value).toFixed(2)}%`;

describe('a targeted run', () => {
  it('shows in every format how many are taken for the target', async () => {
    const run = await evaluate('3', 'fgs(epsilon=0.1)');
    const success = adaptive(run, 'success-rate')['fgs(epsilon=0.1)']!;
    // PyTorch: 14.7% of the images of other classes are taken for class 3.
    expect(success).toBeCloseTo(0.147, 2);
    const report = async (format: string) => {
      const { stdout, code } = await rampart(['report', run.run.id, '--store', store, '--format', format]);
      expect(code).toBe(0);
      return stdout;
    };
    for (const format of ['text', 'markdown', 'html']) {
      const text = await report(format);
      const table = text.slice(text.indexOf('Targeted success of attacks on the model itself'));
      expect([format, table.includes('class &quot;3&quot;') || table.includes('class "3"')]).toEqual([format, true]);
      const [figure] = /\d+\.\d+ ?%/.exec(table) ?? [];
      expect([format, figure?.replace(' ', '')]).toEqual([format, percent(success)]);
    }
    const row = (await report('csv')).split('\n').find((line) => line.includes(',targeted,'));
    expect(row?.split(',').some((field) => Math.abs(Number(field) - success) < 1e-6)).toBe(true);
    const { tables } = JSON.parse(await report('json')) as {
      tables: { id: string; rows: { cells: { value: number }[] }[] }[];
    };
    expect(tables.find(({ id }) => id === 'targeted')!.rows[0]!.cells[0]!.value).toBe(success);
  });

  it('has a worst case that no attack is worse than', async () => {
    const run = await evaluate('9', 'fgs(epsilon=0.1),adam(iterations=40)');
    for (const metric of ['error-rate', 'success-rate']) {
      const { 'worst-case': worst, ...attacks } = adaptive(run, metric);
      expect([metric, worst]).toEqual([metric, Math.max(worst!, ...Object.values(attacks))]);
    }
  });
});

describe('targets of each instance', () => {
  const labels = Array.from(
    npyNumbers(decodeNpy(new Uint8Array(readFileSync(path.join(INPUTS, 'digits/test-labels.npy'))))),
  );
  const targets = (name: string, classes: readonly number[]) => {
    const file = path.join(folder, name);
    writeFileSync(file, encodeNpy(Int32Array.from(classes), [classes.length]));
    return file;
  };

  it('are read from a file; an instance whose own class it is is not attacked', async () => {
    const next = labels.map((label, i) => (i < 50 ? label : (label + 1) % 10));
    const run = await evaluate(targets('next.npy', next), 'adam(iterations=40)');
    const cell = run.cells.find(({ attack, metric }) => attack === 'adam(iterations=40)' && metric === 'success-rate')!;
    expect((cell as unknown as { count: number }).count).toBe(250);
    expect(cell.value).toBeGreaterThan(0.95);
    expect(run.run.notes.join()).toMatch(/the class that .*next\.npy has for each instance/);
  });

  it.each([
    ['another number of them', 'few.npy', [1, 2, 3], /received 3 values.*each of 300 test instances/],
    ['a class that there is not', 'eleven.npy', labels.map(() => 11), /received 11 for instance 0/],
  ])('refused: %s', async (_what, name, classes, says) => {
    const asked = ['evaluate', MODEL, ...DIGITS, '--attacks', 'adam', '--target', targets(name, classes)];
    expectRefusal(await rampart([...asked, '--store', store]), 1, [says]);
  });
});
