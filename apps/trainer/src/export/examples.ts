import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { formatThreat, type WorkOptions } from '@rampart/core';
import { type HandedSet, handedExamples } from '@rampart/experiments';
import { FileNames } from '@rampart/reports';
import { imageFacts, type RunRecord, type Store } from '@rampart/results';

import { npz } from './npz';
import { isPicture, pngOf } from './png';

/**
 * Writes a folder with the examples of a run: of each model and attack `examples.npy`'s arrays as one .npz file, and
 * those that evade as 8-bit PNG files in which they still do; `manifest.json` says what is what, and what was left out.
 */
export async function writeExamples(folder: string, store: Store, run: RunRecord, options: WorkOptions): Promise<void> {
  await mkdir(folder);
  const names = new FileNames();
  const sets: object[] = [];
  for await (const handed of handedExamples(store, run, options)) {
    const { model, mode, attack, seed } = handed.set;
    const several = run.seeds.length > 1 ? ` seed ${seed}` : '';
    const name = names.unique(`${model} ${mode} ${attack}${several}`);
    sets.push(await writeSet(folder, name, handed));
  }
  const { classes, box } = imageFacts(run);
  const manifest = { run: run.id, name: run.name, dataset: run.dataset, classes, box, sets };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function writeSet(
  folder: string,
  name: string,
  { set, examples, eightBit, leftOut }: HandedSet,
): Promise<object> {
  const { shape, originals, adversarial, instances, heldTo } = examples;
  await mkdir(join(folder, name));
  const count = instances.length;
  const column = (of: (instance: (typeof instances)[number]) => number) => ({
    data: Int32Array.from(instances, of),
    shape: [count],
  });
  const arrays = npz({
    originals: { data: originals, shape: [count, ...shape] },
    adversarial: { data: adversarial, shape: [count, ...shape] },
    labels: column(({ label }) => label),
    predicted: column(({ predictionAfter }) => predictionAfter),
    indices: column(({ testIndex }) => testIndex),
  });
  await writeFile(join(folder, name, 'examples.npz'), arrays);
  const images: object[] = [];
  if (isPicture(shape)) {
    for (const { testIndex, label, predicted, rounding, bytes } of eightBit) {
      const file = `${name}/${String(testIndex).padStart(5, '0')}.png`;
      await writeFile(join(folder, file), pngOf(bytes, shape));
      images.push({ file, index: testIndex, label, predicted, rounding });
    }
  }
  const { model, attack, mode, seed } = set;
  const ball =
    heldTo?.epsilon === undefined || heldTo.norm === 'none'
      ? undefined
      : formatThreat({ norm: heldTo.norm, epsilon: heldTo.epsilon });
  return {
    ...{ model, attack, mode, seed, heldTo: ball ?? null, examples: `${name}/examples.npz`, instances: count },
    evading: eightBit.length + leftOut.length,
    images,
    ...(isPicture(shape)
      ? { leftOut: leftOut.map(({ testIndex, reason }) => ({ index: testIndex, reason })) }
      : { leftOut: [], note: `Instances of shape [${shape.join(', ')}] are no pictures: no PNG files.` }),
  };
}
