// What opening a file of 100 MB takes: the most memory that a process of its own held, beyond what it held with the
// libraries loaded, in times the size of the file, and the time; as a classifier, and with its first gradient.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';

import { dense, resnet50 } from './networks.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { writeModel } = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');

/** Files and the images that they take. */
const SUBJECTS = [
  { name: 'ResNet-50, 224 x 224', model: resnet50, shape: [3, 224, 224] },
  { name: '6 dense layers of 2,048', model: dense, shape: [3, 32, 32] },
];

export default function bench() {
  const table = new Table({
    head: ['file', 'MB', '', 'times its size', 'seconds'],
    style: { head: [], border: [] },
  });
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  try {
    for (const { name, model, shape } of SUBJECTS) {
      const path = join(folder, 'model.onnx');
      writeFileSync(path, writeModel(model()));
      const { size } = statSync(path);
      for (const what of ['opened', 'first gradient']) {
        const script = fileURLToPath(new URL('memory-side.mjs', import.meta.url));
        const { bytes, seconds } = JSON.parse(
          execFileSync(process.execPath, [script, path, what, ...shape.map(String)], { encoding: 'utf8' }),
        );
        table.push([name, (size / 1e6).toFixed(0), what, (bytes / size).toFixed(1), seconds.toFixed(1)]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(table.toString());
}
