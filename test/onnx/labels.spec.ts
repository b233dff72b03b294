import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, encodeNpy } from '@rampart/core';
import { unzipSync, zipSync } from 'fflate';

import { rampart, temporaryFolder } from '../integration/rampart';
import { expectRefusal, runJson, valuesOf } from './command';

const LABELS = path.join(__dirname, 'labels');
const folder = temporaryFolder();
const at = (name: string) => path.resolve(LABELS, name);
const evaluate = (model: string, dataset: string, ...more: string[]) => [
  ...['evaluate', at(model), '--dataset', dataset, '--data-dir', LABELS, '--name', 'model', '--audits', 'none'],
  ...['--store', path.join(folder, 'store'), ...more],
];

/** The arrays of a .npz file, as they are written to another one. */
const arraysOf = (name: string) => unzipSync(new Uint8Array(readFileSync(at(name))));
const written = (name: string, arrays: Record<string, Uint8Array>) => {
  const file = path.join(folder, name);
  writeFileSync(file, zipSync(arrays));
  return file;
};

describe('sets of labels', () => {
  it('are right where each label is; a wrong one is an evasion, and all of them count in the Hamming loss', async () => {
    const run = await runJson(
      evaluate('labels.onnx', 'npz(path=labels.npz, names=[even, big, hole])', '--attacks', 'fgs(epsilon=0.1), adam'),
    );
    expect(run.run.notes.join(' ')).toMatch(/Labels are sets/);
    const errors = valuesOf(run, 'error-rate', 'model', 'adaptive');
    const hamming = valuesOf(run, 'hamming-loss', 'model', 'adaptive');
    expect(valuesOf(run, 'error-rate', 'model', 'clean')['none']).toBeCloseTo(8 / 120, 6);
    expect(valuesOf(run, 'hamming-loss', 'model', 'clean')['none']).toBeCloseTo(9 / 360, 6);
    expect(errors['adam']).toBe(1);
    expect(errors['fgs(epsilon=0.1)']).toBeGreaterThan(0.7);
    // An instance that evades has one wrong label of three, or more.
    for (const [attack, error] of Object.entries(hamming)) {
      expect(error).toBeGreaterThanOrEqual(errors[attack]! / 3 - 1e-9);
      expect(error).toBeLessThanOrEqual(errors[attack]!);
    }
    const report = await rampart(['report', '--store', path.join(folder, 'store')]);
    expect(report.stdout).toMatch(/Hamming loss under attacks on the model itself/);
  });

  it('harden a model as classes do, into a file of the same head', async () => {
    const out = path.join(folder, 'hardened.onnx');
    const { stderr, code } = await rampart([
      ...['harden', at('labels.onnx'), '--dataset', 'npz(path=labels.npz)', '--data-dir', LABELS, '--out', out],
      ...['--defense', 'rad(attack="fgs(epsilon=0.1)", rounds=1)', '--store', path.join(folder, 'hardened')],
    ]);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const run = await runJson([
      ...['evaluate', out, '--dataset', 'npz(path=labels.npz)', '--data-dir', LABELS, '--name', 'model'],
      ...['--attacks', 'fgs(epsilon=0.1)', '--audits', 'none', '--store', path.join(folder, 'store')],
    ]);
    // The model that it was errs on 86.67%.
    expect(valuesOf(run, 'error-rate', 'model', 'adaptive')['fgs(epsilon=0.1)']).toBeLessThan(0.85);
    expect(valuesOf(run, 'hamming-loss', 'model', 'clean')['none']).toBeLessThan(0.05);
  });

  it('are those of the samples where an inner value is attacked', async () => {
    const run = await runJson(
      evaluate(
        ...['labels.onnx', 'npz(path=labels.npz)', '--attack-at', '/layers/layers.0/Conv_output_0'],
        ...['--attacks', 'fgs(epsilon=0.1)'],
      ),
    );
    expect(valuesOf(run, 'error-rate', 'model', 'clean')['none']).toBeCloseTo(8 / 120, 6);
    expect(valuesOf(run, 'hamming-loss', 'model', 'clean')['none']).toBeCloseTo(9 / 360, 6);
    expect(valuesOf(run, 'error-rate', 'model', 'adaptive')['fgs(epsilon=0.1)']).toBeGreaterThan(0.4);
  });

  it('are refused by exclusive classes, by another number of labels, by autoencoders, and where they are no sets', async () => {
    const refused = async (code: number, says: RegExp, ...args: string[]) =>
      expectRefusal(await rampart(args), code, [says]);
    const digits = path.join(folder, 'exclusive.npz');
    await refused(1, /Expected a model of 3 labels.*of 10/, ...evaluate('../heads/ten.onnx', 'npz(path=labels.npz)'));
    await refused(
      2,
      /bring along sets of labels, which "aec/,
      ...['harden', at('labels.onnx'), '--dataset', 'npz(path=labels.npz)', '--data-dir', LABELS, '--out', digits],
      ...['--defense', 'aec(attack="fgs(epsilon=0.1)")', '--store', path.join(folder, 'store')],
    );
    const arrays = arraysOf('labels.npz');
    const y = decodeNpy(arrays['y_test.npy']!);
    const halves = encodeNpy(
      Float32Array.from(y.data as Uint8Array, (value) => value / 2),
      [...y.shape],
    );
    const none = written('halves.npz', { 'x.npy': arrays['x_test.npy']!, 'y.npy': halves });
    await refused(1, /a 1 for each label.*0\.5/, ...evaluate('labels.onnx', `npz(path="${none}")`));
    const four = encodeNpy(new Uint8Array(480), [120, 4]);
    const more = written('four.npz', { 'x.npy': arrays['x_test.npy']!, 'y.npy': four });
    await refused(1, /Expected a model of 4 labels.*of 3/, ...evaluate('labels.onnx', `npz(path="${more}")`));
  });
});

describe('inputs that each sample brings along', () => {
  const brought = 'npz(path=brought.npz, inputs=[shown, gain])';

  it('are fed row by row, in every batch of every attack, and no attack changes them', async () => {
    const run = await runJson(
      evaluate('brought.onnx', brought, '--attacks', 'fgs(epsilon=0.1), pgd(norm=l2, epsilon=1)'),
    );
    expect(valuesOf(run, 'error-rate', 'model', 'clean')['none']).toBeCloseTo(7 / 120, 6);
    const errors = valuesOf(run, 'error-rate', 'model', 'adaptive');
    expect(errors['pgd(norm=l2, epsilon=1)']).toBeGreaterThan(0.9);
    expect(run.cells.filter(({ metric }) => metric === 'hamming-loss')).toEqual([]);
    const verified = await rampart(['verify', run.run.id, '--store', path.join(folder, 'store')]);
    expect(verified.code).toBe(0);

    // Where the second half of the samples sees nothing of its pictures, that half is guessed.
    const arrays = arraysOf('brought.npz');
    const shown = decodeNpy(arrays['shown.npy']!);
    const covered = BigInt64Array.from(shown.data as BigInt64Array, (one, k) => (k < 60 * 8 ? one : 0n));
    const other = written('covered.npz', { ...arrays, 'shown.npy': encodeNpy(covered, [...shown.shape]) });
    const guessed = await runJson(
      evaluate('brought.onnx', `npz(path="${other}", inputs=[shown, gain])`, '--attacks', 'fgs(epsilon=0.1)'),
    );
    // As ONNX Runtime itself answers.
    expect(valuesOf(guessed, 'error-rate', 'model', 'clean')['none']).toBeCloseTo(62 / 120, 6);
  });

  it('go along to the part behind an inner value that is attacked, as far as that needs them', async () => {
    const at = (value: string) => ['--attack-at', value, '--attacks', 'fgs(epsilon=0.1)'];
    const run = await runJson(evaluate('brought.onnx', brought, ...at('/Mul_output_0')));
    expect(run.run.notes.join(' ')).toMatch(/values at "\/Mul_output_0" \(1x8x8\)/);
    expect(valuesOf(run, 'error-rate', 'model', 'clean')['none']).toBeCloseTo(7 / 120, 6);
    expect(valuesOf(run, 'error-rate', 'model', 'adaptive')['fgs(epsilon=0.1)']).toBeGreaterThan(0.4);
    const verified = await rampart(['verify', run.run.id, '--store', path.join(folder, 'store')]);
    expect(verified.code).toBe(0);
    expectRefusal(await rampart(evaluate('brought.onnx', brought, ...at('image'))), 2, [
      /Unknown value to cut at "image".*\/Mul_output_0, \/Mul_1_output_0/,
    ]);
  });

  it('stay with their samples as a model is hardened on examples of its own', async () => {
    // The first half to train on, the second to test on.
    const halves = Object.entries(arraysOf('brought.npz')).flatMap(([name, bytes]) => {
      const { shape, data } = decodeNpy(bytes);
      const size = data.length / shape[0]!;
      const part = (from: number, to: number) =>
        encodeNpy(data.slice(from * size, to * size), [to - from, ...shape.slice(1)]);
      return [
        [name.replace('.', '_train.'), part(0, 60)],
        [name.replace('.', '_test.'), part(60, 120)],
      ];
    });
    const data = `npz(path="${written('halves.npz', Object.fromEntries(halves))}", inputs=[shown, gain])`;
    const out = path.join(folder, 'brought.onnx');
    const harden = (defense: string) =>
      rampart([
        ...['harden', at('brought.onnx'), '--dataset', data, '--data-dir', LABELS, '--out', out, '--defense', defense],
        ...['--attacks', 'fgs(epsilon=0.1)', '--store', path.join(folder, 'brought')],
      ]);
    expectRefusal(await harden('jpeg'), 2, [
      /inputs that are not attacked, which "jpeg.*leaves these alone: awp,.*rad,/,
    ]);
    expectRefusal(await harden('trades(flips=true)'), 2, [/mirrors or shifts instances.*Leave "flips"/]);
    const { stderr, code } = await harden('pgd-at(epsilon=0.1, epochs=3, validation=0.2)');
    expect([code, stderr]).toEqual([0, expect.anything()]);
    // A file of the same three inputs, which take what samples bring along as before.
    const run = await runJson(evaluate(out, data, '--attacks', 'fgs(epsilon=0.1)'));
    expect(valuesOf(run, 'error-rate', 'model', 'clean')['none']).toBeLessThan(0.1);
  });

  it('are refused in one sentence where they do not fit the model', async () => {
    const refused = async (code: number, says: RegExp, dataset: string, ...more: string[]) =>
      expectRefusal(await rampart(evaluate('brought.onnx', dataset, ...more)), code, [says]);
    await refused(1, /one input that is attacked.*gain.*inputs=\[gain\]/, 'npz(path=brought.npz, inputs=[shown])');
    await refused(1, /expected an array bright_test.*"bright"/, 'npz(path=brought.npz, inputs=[shown, bright])');
    await refused(2, /"gain" is held, and the dataset/, brought, '--feed', 'gain=1');
    const arrays = arraysOf('brought.npz');
    const few = written('few.npz', { ...arrays, 'shown.npy': encodeNpy(new Uint8Array(80), [10, 8]) });
    await refused(1, /expected 120 rows, one a sample. Received 10/, `npz(path="${few}", inputs=[shown, gain])`);
    const narrow = written('narrow.npz', { ...arrays, 'shown.npy': encodeNpy(new Uint8Array(840), [120, 7]) });
    await refused(1, /"shown", int64\[batch, 8\].*rows of \[7\]/, `npz(path="${narrow}", inputs=[shown, gain])`);
  });
});
