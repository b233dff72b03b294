import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { NORMS, predictions } from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { decodeNpy, openStore } from '@rampart/results';
import { unzipSync } from 'fflate';
import { PNG } from 'pngjs';

import { rampart, temporaryFolder } from './rampart';
import { PLAIN_MODEL, referenceOptions } from './reference-data';

const IMAGES = 24;
const SIZE = 28 * 28;

interface Manifest {
  readonly classes: readonly string[];
  readonly box: { readonly min: number; readonly max: number };
  readonly sets: readonly {
    readonly attack: string;
    readonly heldTo: string | null;
    readonly examples: string;
    readonly evading: number;
    readonly images: readonly { readonly file: string; readonly index: number; readonly predicted: number }[];
    readonly leftOut: readonly { readonly index: number; readonly reason: string }[];
  }[];
}

describe('rampart export', () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const out = (name: string) => path.join(folder, 'out', name);
  const exported = (what: string, output: string, ...more: readonly string[]) =>
    rampart(['export', ...more, '--what', what, '--output', output, '--store', store]);

  beforeAll(async () => {
    mkdirSync(path.join(folder, 'out'));
    const model = [PLAIN_MODEL, '--store', store, '--audits', 'none', ...referenceOptions(folder, IMAGES)];
    // The first has no threats: it has examples, and no robust accuracy.
    for (const asked of [
      ['--attacks', 'fgs(epsilon=0.1)'],
      ['--threats', 'linf(25/255)', '--attacks', 'autoattack,fmn(steps=60)'],
    ]) {
      const { code, stderr } = await rampart(['evaluate', ...model, ...asked]);
      expect(code === 0 ? '' : stderr).toBe('');
    }
  });

  it('writes examples as arrays, and as pictures of 8 bits that evade as they are', async () => {
    const { code, stdout } = await exported('examples', out('examples'));
    expect([code, stdout]).toEqual([0, '']);
    const manifest = JSON.parse(readFileSync(path.join(out('examples'), 'manifest.json'), 'utf8')) as Manifest;
    expect(manifest.sets.map(({ attack, heldTo }) => [attack, heldTo])).toEqual([
      ['autoattack(epsilon=25/255)', 'linf(25/255)'],
      ['fmn(norm=linf, steps=60)', null],
    ]);

    const opened = await openStore(store, { readOnly: true });
    const [model] = await opened.models.ofRun((await opened.runs.get('latest')).id);
    const bytes = await opened.artifacts.read({ checksum: model!.artifact, extension: 'onnx' });
    await opened.close();
    const { min, max } = manifest.box;
    const verifier = await openVerifier(bytes, { box: manifest.box });

    for (const { examples, evading, images, leftOut, heldTo } of manifest.sets) {
      const arrays = unzipSync(readFileSync(path.join(out('examples'), examples)));
      const read = (name: string) => decodeNpy(arrays[`${name}.npy`]!);
      expect(read('adversarial').shape).toEqual([IMAGES, 1, 28, 28]);
      const [labels, predicted, indices] = ['labels', 'predicted', 'indices'].map(
        (name) => read(name).data as Int32Array,
      );
      const [originals, adversarial] = ['originals', 'adversarial'].map((name) => read(name).data as Float32Array);
      expect(predictions(await verifier.logits(adversarial!), 10)).toEqual(predicted);

      expect(images.length + leftOut.length).toBe(evading);
      expect(images.length).toBeGreaterThan(0);
      for (const { file, index, predicted: asWritten } of images) {
        const png = PNG.sync.read(readFileSync(path.join(out('examples'), file)));
        const pixels = Float32Array.from({ length: SIZE }, (_, i) => min + ((max - min) * png.data[4 * i]!) / 255);
        const [seen] = predictions(await verifier.logits(pixels), 10);
        const row = indices!.indexOf(index);
        expect(seen).toBe(asWritten);
        expect(seen).not.toBe(labels![row]);
        const distance = NORMS.linf.distance(pixels, originals!.subarray(row * SIZE, (row + 1) * SIZE));
        if (heldTo) expect(distance).toBeLessThanOrEqual(25 / 255 + 1e-6);
      }
    }
    // In a ball of whole levels every example has 8-bit values in it: only those that need less than a level are lost.
    expect(manifest.sets[0]!.leftOut.length).toBeLessThan(manifest.sets[0]!.evading / 2);
    await verifier.dispose();
  });

  it('writes a page, a card, model infos and a SARIF log', async () => {
    for (const what of ['report', 'card', 'robustbench', 'sarif']) {
      const { code, stderr } = await exported(what, out(what));
      expect([code, stderr]).toEqual([0, '']);
    }
    expect(readFileSync(out('report'), 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readFileSync(out('card'), 'utf8')).toMatch(
      /^---\nlibrary_name: onnx\n[^]*Robust accuracy under linf\(25\/255\)[^]*\n## Evaluation\n/,
    );
    const log = JSON.parse(readFileSync(out('sarif'), 'utf8')) as { runs: { results: object[] }[] };
    expect(log.runs[0]!.results).toHaveLength(1);
    const info = JSON.parse(
      readFileSync(path.join(out('robustbench'), 'npy-folder/Linf/mnist-lenet.onnx.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(info).toMatchObject({
      eps: '25/255',
      clean_acc: '100.00',
      autoattack_acc: expect.stringMatching(/^\d\d\.\d\d$/) as string,
    });
    expect(readdirSync(path.join(folder, 'out')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses with one sentence, and leaves nothing half-written', async () => {
    const first = async () => {
      const opened = await openStore(store, { readOnly: true });
      const { runs } = await opened.runs.list();
      await opened.close();
      return runs.at(-1)!.id;
    };
    writeFileSync(out('taken'), 'theirs');
    for (const [args, says] of [
      [['card', out('new'), await first()], /nothing to export: .* as it names no threats/],
      [['sarif', out('new'), await first()], /nothing to export/],
      [['robustbench', out('new'), 'nonesuch'], /There is no run "nonesuch"/],
      [['examples', out('taken')], /something at .*taken already/],
      [['card', out('taken')], /something at .*taken already/],
      [['card', path.join(folder, 'nowhere', 'card.md')], /Nothing can be written to .*nowhere/],
      [['hardened', out('new')], /hardened no model file. Expected one with a model "onnx\(path=...\)" and a defense/],
      [['pictures', out('new')], /Allowed choices are examples, report, card, robustbench, sarif, hardened/],
    ] as const) {
      const [what, output, ...more] = args;
      const { code, stdout, stderr } = await exported(what, output, ...more);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(existsSync(out('new'))).toBe(false);
    }
    expect(readFileSync(out('taken'), 'utf8')).toBe('theirs');
    expect(readdirSync(path.join(folder, 'out')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('names a damaged file and writes nothing', async () => {
    const opened = await openStore(store, { readOnly: true });
    const run = await opened.runs.get('latest');
    const cells = await opened.cells.ofRun(run.id, { attack: 'fmn(norm=linf, steps=60)' });
    const step = await opened.steps.find(cells[0]!.evaluateStep);
    const file = opened.artifacts.address(step!.artifacts.find(({ name }) => name === 'adversarial')!);
    await opened.close();
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const { code, stderr } = await exported('examples', out('damaged'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/is damaged: its SHA-256 should be/);
    expect(existsSync(out('damaged'))).toBe(false);
  });
});
