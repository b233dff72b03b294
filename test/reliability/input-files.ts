import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { encodeNpy, Rng } from '@rampart/core';
import { datasets } from '@rampart/datasets';
import { inspectFile, parseExperiment } from '@rampart/experiments';
import { decodeNpy } from '@rampart/results';
import { zipSync } from 'fflate';

import { TINY_EXPERIMENT } from './experiment';

const ROOT = path.join(__dirname, '../..');

/** Files that a reader takes, of which one is damaged at a time. */
export interface Reader {
  /** Writes sound files into a folder. */
  write(folder: string): void;
  /** Reads the file that was damaged, or all of the folder. */
  read(folder: string, damaged: string): Promise<unknown>;
}

/** Every reader of files that others make. */
export const READERS: Readonly<Record<string, Reader>> = {
  onnx: {
    write(folder) {
      const models = path.join(ROOT, 'test/fixtures/models');
      const small = (file: string) =>
        /^(?!.*external).*\.onnx$/.test(file) && statSync(path.join(models, file)).size < 20_000;
      for (const file of readdirSync(models).filter(small))
        copyFileSync(path.join(models, file), path.join(folder, file));
    },
    read: (folder, damaged) => inspectFile(path.join(folder, damaged)),
  },
  npy: {
    write: (folder) => writeFileSync(path.join(folder, 'one.npy'), encodeNpy(new Float32Array(60), [3, 4, 5])),
    read: (folder, damaged) => Promise.resolve(decodeNpy(readFileSync(path.join(folder, damaged)))),
  },
  'npy-folder': dataset('npy-folder', (folder) => {
    for (const split of ['train', 'test']) {
      writeFileSync(path.join(folder, `${split}-images.npy`), encodeNpy(new Float32Array(6 * 64), [6, 1, 8, 8]));
      writeFileSync(path.join(folder, `${split}-labels.npy`), encodeNpy(Int32Array.of(0, 1, 0, 1, 0, 1), [6]));
    }
  }),
  idx: dataset('mnist', (folder) => {
    for (const split of ['train', 't10k']) {
      writeFileSync(path.join(folder, `${split}-images-idx3-ubyte`), idx([20, 28, 28]));
      writeFileSync(path.join(folder, `${split}-labels-idx1-ubyte`), idx([20]));
    }
  }),
  cifar: dataset('cifar10', (folder) => {
    const rng = Rng.root('cifar');
    for (const file of ['train.bin', 'test.bin']) {
      const bytes = Buffer.from(Array.from({ length: 20 * 3073 }, () => rng.integer(256)));
      for (let record = 0; record < 20; record++) bytes[record * 3073] = record % 10;
      writeFileSync(path.join(folder, file), bytes);
    }
  }),
  images: dataset(
    'image-folder',
    (folder) => {
      const images = path.join(ROOT, 'libs/datasets/fixtures/images');
      for (const file of readdirSync(images).filter((name) => /\.(png|jpg|webp)$/.test(name))) {
        for (const [split, name] of [
          ['test', 'a'],
          ['test', 'b'],
        ] as const) {
          mkdirSync(path.join(folder, split, name), { recursive: true });
          copyFileSync(path.join(images, file), path.join(folder, split, name, file));
        }
      }
    },
    { resize: 8, crop: 8 },
  ),
  csv: dataset('csv', (folder) => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i / 7},${i * 3},${i % 2 === 0 ? 'good' : 'bad'}`);
    for (const split of ['train', 'test']) {
      writeFileSync(path.join(folder, `${split}.csv`), ['one,two,label', ...rows, ''].join('\n'));
    }
  }),
  parquet: {
    write(folder) {
      const tables = path.join(ROOT, 'libs/datasets/fixtures/tables');
      for (const file of readdirSync(tables).filter((name) => name.endsWith('.parquet')))
        copyFileSync(path.join(tables, file), path.join(folder, file));
    },
    read(folder, damaged) {
      const { definition, params } = datasets.resolve({ name: 'parquet', params: { path: damaged, trainShare: 0.5 } });
      return definition.load(params, { dataDir: folder });
    },
  },
  wav: dataset('wav', (folder) => {
    const sounds = path.join(ROOT, 'libs/datasets/fixtures/sound');
    for (const name of ['yes', 'no']) {
      mkdirSync(path.join(folder, 'test', name), { recursive: true });
      copyFileSync(path.join(sounds, 'int16.wav'), path.join(folder, 'test', name, 'a.wav'));
    }
  }),
  npz: dataset('npz', (folder) => {
    const arrays = {
      'x_test.npy': encodeNpy(new Float32Array(6 * 20), [6, 4, 5]),
      'y_test.npy': encodeNpy(Int32Array.of(0, 1, 0, 1, 0, 1), [6]),
    };
    writeFileSync(path.join(folder, 'data.npz'), zipSync(arrays));
  }),
  yaml: {
    write: (folder) => writeFileSync(path.join(folder, 'tiny.yaml'), TINY_EXPERIMENT),
    read: (folder, damaged) =>
      Promise.resolve(parseExperiment(readFileSync(path.join(folder, damaged), 'utf8'), damaged, folder)),
  },
};

function dataset(name: string, write: Reader['write'], given: Readonly<Record<string, number>> = {}): Reader {
  const { definition, params } = datasets.resolve({ name, params: given });
  return { write, read: (folder) => definition.load(params, { dataDir: folder }) };
}

/** A file in the format of MNIST, its numbers counted up modulo 10. */
function idx(sizes: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head[2] = 8;
  head[3] = sizes.length;
  sizes.forEach((size, axis) => head.writeUInt32BE(size, 4 + 4 * axis));
  const length = sizes.reduce((product, size) => product * size, 1);
  return Buffer.concat([head, Buffer.from(Array.from({ length }, (_, i) => i % 10))]);
}
