import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { predictions } from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { type ArtifactRef, decodeNpyFloat32, encodeNpy, openStore } from '@rampart/results';

import { rampart, temporaryFolder } from './rampart';
import { PLAIN_MODEL, referenceOptions } from './reference-data';

const BOX = { min: -0.5, max: 0.5 };

describe('rampart verify --examples', () => {
  const folder = temporaryFolder();
  const pristine = path.join(folder, 'pristine');
  let copies = 0;

  /** A copy of the store to do something to. */
  const copy = () => {
    const store = path.join(folder, `copy-${copies++}`);
    cpSync(pristine, store, { recursive: true });
    return store;
  };
  const verify = (store: string, ...more: readonly string[]) =>
    rampart(['verify', '--examples', '--store', store, ...more]);

  beforeAll(async () => {
    const attacks = 'fmn(steps=60),pgd(steps=10)';
    const { code, stderr } = await rampart([
      ...['evaluate', PLAIN_MODEL, '--store', pristine, ...referenceOptions(folder, 40)],
      ...['--threats', 'linf(0.1)', '--attacks', attacks],
    ]);
    expect(code === 0 ? '' : stderr).toBe('');
  });

  /** An evading example of fmn, and a pixel that, put back, makes the model right again. */
  async function weakSpot(store: string) {
    const opened = await openStore(store, { readOnly: true });
    try {
      const run = await opened.runs.get('latest');
      const cells = await opened.cells.ofRun(run.id, { attack: 'fmn(norm=linf, steps=60)' });
      const step = (await opened.steps.find(cells[0]!.evaluateStep))!;
      const ref = (name: string) => step.artifacts.find((one) => one.name === name)!;
      const read = async (name: string) => decodeNpyFloat32(await opened.artifacts.read(ref(name)));
      const [adversarial, originals] = [await read('adversarial'), await read('originals')];
      const [model] = await opened.models.ofRun(run.id);
      const bytes = await opened.artifacts.read({ checksum: model!.artifact, extension: 'onnx' });
      const verifier = await openVerifier(bytes, { box: BOX });
      const instances = await opened.instances.ofStep(step.key);
      const size = adversarial.data.length / instances.length;
      for (const { position, testIndex, label, predictionBefore, predictionAfter } of instances) {
        if (predictionBefore !== label || predictionAfter === label) continue;
        // Every pixel of it put back in turn, all at once.
        const example = adversarial.data.subarray(position * size, (position + 1) * size);
        const tries = new Float32Array(size * size);
        for (let pixel = 0; pixel < size; pixel++) {
          tries.set(example, pixel * size);
          tries[pixel * size + pixel] = originals.data[position * size + pixel]!;
        }
        const pixel = predictions(await verifier.logits(tries), verifier.classes).indexOf(label);
        if (pixel < 0) continue;
        await verifier.dispose();
        return { adversarial, ref: ref('adversarial'), at: position * size + pixel, originals, testIndex, label };
      }
      throw new Error('No example hangs on one pixel.');
    } finally {
      await opened.close();
    }
  }

  const fileOf = (store: string, { checksum }: ArtifactRef) =>
    path.join(store, 'artifacts', checksum.slice(0, 2), `${checksum}.npy`);

  it('says of a sound run what was checked, and ends with 0', async () => {
    const { code, stdout, stderr } = await verify(pristine);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ fmn\(norm=linf, steps=60\) +│ adaptive +│ 40 +│ \d+ +│ \d+ of \d+ +│ box +│ 0 +│/);
    expect(stdout).toMatch(/│ pgd\(.*epsilon=0\.1.*\) +│ .* │ linf\(0\.1\) │ 0 +│/);
    expect(stdout).toContain('Every one of 80 examples holds.');
    expect(stderr).toMatch(/verifying: mnist-lenet\.onnx, fmn/);
  });

  it('names an example that no longer evades although its file and its checksum agree', async () => {
    const store = copy();
    const { adversarial, ref, at, originals, testIndex, label } = await weakSpot(store);
    const changed = adversarial.data.slice();
    changed[at] = originals.data[at]!;
    const opened = await openStore(store);
    const written = await opened.artifacts.write(encodeNpy(changed, adversarial.shape), ref);
    await opened.close();
    const database = new DatabaseSync(path.join(store, 'rampart.db'));
    database.prepare('update step_artifacts set checksum = ? where checksum = ?').run(written.checksum, ref.checksum);
    database.exec('update steps set digest = null');
    database.close();

    const { code, stdout } = await verify(store);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(
        `fmn\\(norm=linf, steps=60\\), adaptive: test image ${testIndex} \\(row \\d+\\): it is judged ${label} and was recorded as \\d, so it no longer evades`,
      ),
    );
    expect(stdout.match(/test image/g)).toHaveLength(1);
    expect(stdout).toContain('1 of 80 examples do not hold.');

    const json = await verify(store, '--json');
    const { sets } = JSON.parse(json.stdout) as { sets: { faults: { testIndex: number }[] }[] };
    expect(json.code).toBe(1);
    expect(sets.flatMap(({ faults }) => faults.map((fault) => fault.testIndex))).toEqual([testIndex]);
  });

  it('names a file whose bytes were changed, and checks the others', async () => {
    const store = copy();
    const { ref, at } = await weakSpot(store);
    const file = fileOf(store, ref);
    const bytes = readFileSync(file);
    bytes.writeFloatLE(0.25, bytes.length - 4 * (40 * 784 - at));
    writeFileSync(file, bytes);

    const { code, stdout, stderr } = await verify(store);
    expect(code).toBe(1);
    expect(stdout).toContain(`${ref.checksum}.npy of the store is damaged: its SHA-256 should be ${ref.checksum}`);
    expect(stdout).toMatch(/│ pgd.* │ 0 +│/);
    expect(stdout).toContain('0 of 40 examples do not hold; 1 of 2 sets cannot be read whole.');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('answers an unknown run with one sentence', async () => {
    const ended = await rampart(['verify', '--examples', 'nonesuch', '--store', pristine]);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).toContain('There is no run "nonesuch"');
  });
});
