// How many rows a session does best to compute at once: gradients of the loss on one thread in batches of several sizes,
// in turns, beside the size that Rampart chooses. It is processor time that is compared.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';

import { compareRates, median, processorTime } from './compare.mjs';
import { lenet5, resnet18, resnet50, vgg, vit } from './networks.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { prepareModel } = load('@rampart/models');
const { Session, writeModel } = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');
const { lossGradientModel } = load(join(root, 'libs/models/dist/classifier/open-classifier.js'));
const { rowsAtOnce } = load(join(root, 'libs/models/dist/classifier/rows-at-once.js'));

const SIZES = [4, 8, 16, 32, 64, 128, 256];
/** Larger batches of the larger networks take gigabytes. */
const SUBJECTS = [
  { name: 'LeNet-5, maxima', model: () => lenet5('MaxPool'), dims: [1, 28, 28], sizes: SIZES },
  { name: 'VGG of 6 layers, 32 x 32', model: vgg, dims: [3, 32, 32], sizes: SIZES },
  { name: 'ResNet-18, 32 x 32', model: resnet18, dims: [3, 32, 32], sizes: SIZES.slice(0, -1) },
  { name: 'ViT-Ti of 6 layers, 32 x 32', model: vit, dims: [3, 32, 32], sizes: SIZES.slice(0, -1) },
  { name: 'ResNet-50, 224 x 224', model: resnet50, dims: [3, 224, 224], sizes: SIZES.slice(0, 3) },
];
const ROUNDS = 3;
/** Milliseconds that one size takes in a round at least. */
const SLICE = 300;

export default async function bench() {
  const table = new Table({
    head: ['gradients a second, in batches of', ...SIZES, 'chosen'],
    style: { head: [], border: [] },
  });
  for (const { name, model, dims, sizes } of SUBJECTS) {
    const prepared = await prepareModel(writeModel(model()));
    const { model: derived, mask } = await lossGradientModel(prepared, 'cross-entropy');
    const session = await Session.open(derived);
    const sides = sizes.map((rows) => {
      const data = Float32Array.from({ length: rows * dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) / 2);
      // Of each the first class.
      const first = Uint8Array.from({ length: rows * prepared.classes }, (_, i) => Number(i % prepared.classes === 0));
      const feeds = {
        [prepared.input]: { type: 'float32', dims: [rows, ...dims], data },
        [mask]: { type: 'bool', dims: [rows, prepared.classes], data: first },
      };
      return {
        work: 0,
        async run() {
          const start = processorTime();
          for (this.work = 0; this.work === 0 || processorTime() - start < SLICE; this.work += rows) {
            await session.run(feeds);
          }
        },
      };
    });
    const { rates } = await compareRates(sides, { rounds: ROUNDS, clock: processorTime });
    await session.dispose();
    const medians = rates.map((rate) => Math.round(median(rate)));
    table.push([name, ...SIZES.map((_, i) => medians[i] ?? ''), rowsAtOnce(prepared.types)]);
  }
  console.log(table.toString());
}
