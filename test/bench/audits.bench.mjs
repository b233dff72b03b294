// What audits cost where they find nothing: the audit step of an honest model beside the attack steps of its evaluation.
// Both are timed in the same run, on one thread.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { decodeNpy, encodeNpy, openStore } = load('@rampart/results');

const CLI = fileURLToPath(new URL('../../apps/trainer/bin/rampart.cjs', import.meta.url));
const REFERENCE = fileURLToPath(new URL('../reference/', import.meta.url));

/** Of the attacks' time that audits may take. */
const LIMIT = 0.1;

const EVALUATIONS = [
  ['mnist-lenet', 'mnist', 'linf(0.1)'],
  ['mnist-at', 'mnist', 'linf(0.3)'],
  ['mnist-at-l2', 'mnist', 'l2(1.5)'],
  ['cifar2-at', 'airplane-cat', 'linf(8/255)'],
  ['binary-sigmoid', 'four-seven', 'linf(0.1)'],
];

export default async function bench() {
  const table = new Table({
    head: ['', 'threat', 'attacks, s', 'audits, s', 'part', 'limit'],
    style: { head: [], border: [] },
  });
  for (const [model, images, threat] of EVALUATIONS) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
    try {
      const { attacks, audits } = await evaluate(model, images, threat, folder);
      const part = audits / attacks;
      const limit = `${LIMIT}${part > LIMIT ? ' exceeded' : ''}`;
      table.push([model, threat, attacks.toFixed(1), audits.toFixed(2), part.toFixed(3), limit]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log('What the audits of an honest model take, beside the attacks that an evaluation runs by itself.');
  console.log(table.toString());
}

async function evaluate(model, images, threat, folder) {
  const source = join(REFERENCE, `${images}-images.npy`);
  copyFileSync(source, join(folder, 'test-images.npy'));
  for (const split of ['test', 'train']) {
    copyFileSync(join(REFERENCE, `${images}-labels.npy`), join(folder, `${split}-labels.npy`));
  }
  // Training images, which evaluation takes nothing from: negatives, so that none is a test image.
  const { data, shape } = decodeNpy(readFileSync(source));
  const negatives = Uint8Array.from(data, (value) => 255 - value);
  writeFileSync(join(folder, 'train-images.npy'), encodeNpy(negatives, shape));
  const store = join(folder, 'store');
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...[CLI, 'evaluate', join(REFERENCE, `${model}.onnx`), '--dataset', 'npy-folder', '--data-dir', folder],
      ...['--preprocess', 'range=0..1', '--threats', threat, '--store', store, '--workers', '1'],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The evaluation of ${model} failed: ${stderr}`);
  const opened = await openStore(store, { readOnly: true });
  const steps = await opened.runSteps.ofRun((await opened.runs.get('latest')).id);
  await opened.close();
  const seconds = (wanted) =>
    steps.filter(({ kind }) => kind === wanted).reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  return { attacks: seconds('attack'), audits: seconds('audit') };
}
