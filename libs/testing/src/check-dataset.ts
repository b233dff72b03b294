import {
  checksum,
  bytesOf,
  type Dataset,
  datasetChecksum,
  type DatasetDefinition,
  featureCount,
  formatShape,
  isOfSets,
  isRampartError,
  type LabelledImages,
  type Parameters,
  Registry,
} from '@rampart/core';

import { Broken, demand, describeLaws, judge, type Law, type LawCheck, once } from './law';

export interface DatasetCheckOptions {
  /** Parameters to check it with; its defaults when left out. */
  readonly params?: Parameters;
  /** Where its data is, for a dataset that ships none. */
  readonly dataDir?: string;
  /** Fraction of the test images that may also be training images, bit by bit. Default 0. */
  readonly overlap?: number;
}

/** Proves that a dataset behaves, on its real data. Every law is named in `Law.name`. */
export async function checkDataset(definition: DatasetDefinition, options: DatasetCheckOptions = {}): Promise<Law[]> {
  return judge(datasetLaws(definition, options));
}

/** `checkDataset` as one test a law. */
export function describeDataset(definition: DatasetDefinition, options: DatasetCheckOptions = {}): void {
  describeLaws(`dataset ${definition.name}`, datasetLaws(definition, options));
}

/** The laws of datasets, as checks to run. */
export function datasetLaws(definition: DatasetDefinition, options: DatasetCheckOptions): LawCheck[] {
  const { params, dataDir, overlap = 0 } = options;
  const load = (signal?: AbortSignal): Promise<Dataset> => {
    const registry = new Registry<DatasetDefinition>('dataset', [definition]);
    const source = registry.resolve({ name: definition.name, params: params ?? {} });
    return source.definition.load(source.params, {
      ...(dataDir !== undefined && { dataDir }),
      ...(signal && { signal }),
    });
  };
  const loaded = once(() => load());
  const splits = async () => {
    const dataset = await loaded();
    return { dataset, parts: [['training', dataset.train] as const, ['test', dataset.test] as const] };
  };
  return [
    {
      name: 'loads test images',
      async check() {
        const { test } = await loaded();
        demand(test.images.count > 0, () => 'It has no test images.');
      },
    },
    {
      name: 'has as many pixels and labels as images',
      async check() {
        const { dataset, parts } = await splits();
        for (const [what, { images, labels }] of parts) {
          demand(
            formatShape(images.shape) === formatShape(dataset.shape),
            () =>
              `Its ${what} images are ${formatShape(images.shape)}, the dataset says ${formatShape(dataset.shape)}.`,
          );
          const expected = images.count * featureCount(images.shape);
          demand(
            images.data.length === expected,
            () => `Its ${images.count} ${what} images have ${images.data.length} values. Expected ${expected}.`,
          );
          demand(
            labels.length === images.count,
            () => `It has ${labels.length} ${what} labels for ${images.count} images. Expected one an image.`,
          );
        }
      },
    },
    {
      name: 'labels every image with one of its classes, and uses more than one',
      async check() {
        const { dataset, parts } = await splits();
        const { classes } = dataset;
        demand(new Set(classes).size === classes.length, () => `Its class names repeat: ${classes.join(', ')}.`);
        demand(classes.length >= 2, () => `It has ${classes.length} classes. Expected at least 2.`);
        for (const [what, { labels }] of parts) {
          const bad = labels.findIndex((label) => label < 0 || label >= classes.length);
          demand(
            bad < 0,
            () => `Its ${what} image ${bad} has the label ${labels[bad]}. Expected 0 to ${classes.length - 1}.`,
          );
        }
        const used = new Set(parts.flatMap(([, { labels }]) => Array.from(labels)));
        // Of sets of labels, one class stands for all being right.
        demand(
          used.size >= 2 || isOfSets(dataset.samples),
          () => `All of its images are of class "${classes[[...used][0]!]}".`,
        );
      },
    },
    {
      name: 'names a malicious class that exists',
      async check() {
        const { malicious, classes } = await loaded();
        demand(
          malicious === undefined || (Number.isInteger(malicious) && malicious >= 0 && malicious < classes.length),
          () =>
            `Its malicious label is ${malicious}. Expected 0 to ${classes.length - 1}, or undefined for every class.`,
        );
      },
    },
    {
      name: 'has finite pixels inside its box, and uses the box',
      async check() {
        const { dataset, parts } = await splits();
        const { min, max } = dataset.box;
        for (const [what, { images }] of parts) {
          demand(
            images.box.min === min && images.box.max === max,
            () =>
              `Its ${what} images have the box [${images.box.min}, ${images.box.max}], the dataset [${min}, ${max}].`,
          );
          let [lowest, highest] = [Infinity, -Infinity];
          for (let k = 0; k < images.data.length; k++) {
            const value = images.data[k]!;
            if (!(value >= min && value <= max)) {
              const image = Math.floor(k / featureCount(images.shape));
              throw new Broken(`Its ${what} image ${image} has a pixel of ${value}. Its box is [${min}, ${max}].`);
            }
            if (value < lowest) lowest = value;
            if (value > highest) highest = value;
          }
          demand(
            images.count === 0 || highest - lowest >= (max - min) / 2,
            () =>
              `Its ${what} pixels lie between ${lowest} and ${highest}, a small part of its box [${min}, ${max}]. Scale them to the box.`,
          );
        }
      },
    },
    {
      name: 'has the checksum of its content',
      async check() {
        const dataset = await loaded();
        const expected = datasetChecksum(dataset.train, dataset.test);
        demand(
          dataset.checksum === expected,
          () => `Its checksum is ${dataset.checksum}. Expected datasetChecksum(train, test): ${expected}.`,
        );
      },
    },
    {
      name: 'keeps test images out of the training images',
      async check() {
        const { train, test } = await loaded();
        const known = new Set(imageHashes(train));
        const shared = imageHashes(test).filter((hash) => known.has(hash)).length;
        demand(
          shared <= overlap * test.images.count,
          () =>
            `${shared} of its ${test.images.count} test images are training images too. Allowed: ${overlap * 100}% of them. Pass the option overlap if the data are published so.`,
        );
      },
    },
    {
      name: 'loads the same a second time, whatever became of the first',
      async check() {
        const { checksum: expected } = await loaded();
        const first = await load();
        first.train.images.data.fill(0);
        first.train.labels.fill(0);
        const second = await load();
        const received = datasetChecksum(second.train, second.test);
        demand(
          received === expected && second.checksum === expected,
          () =>
            `Loaded again its content has the checksum ${received}, and before ${expected}. Keep no arrays that you have handed out.`,
        );
      },
    },
    {
      name: 'stops when the signal fires',
      async check() {
        try {
          await load(AbortSignal.abort());
        } catch (error) {
          if (isRampartError(error) && error.code === 'cancelled') return;
          throw error;
        }
        throw new Broken(
          'It loaded although the signal had fired. Call throwIfCancelled(options.signal) between files.',
        );
      },
    },
  ];
}

function imageHashes({ images }: LabelledImages): string[] {
  const size = featureCount(images.shape);
  return Array.from({ length: images.count }, (_, i) =>
    checksum(bytesOf(images.data.subarray(i * size, (i + 1) * size))),
  );
}
