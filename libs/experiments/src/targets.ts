import {
  type Classifier,
  type Dataset,
  decodeNpy,
  type ImageBatch,
  isMissingFile,
  messageOf,
  npyNumbers,
  RampartError,
  readWholeFileSync,
  type Rng,
  unknownName,
} from '@rampart/core';

/** How the class is chosen that an instance is to be taken for, where it is not one for all. */
export const TARGET_CHOICES = ['least-likely', 'random', 'each'] as const;

/** A class of each test instance; those whose own it is are not attacked. */
export interface TargetOfEach {
  readonly labels: readonly number[];
}

/**
 * A class for all, one of each, or how each instance's is chosen; `each`: every other class in turn, the best example
 * counts.
 */
export type TargetChoice = number | TargetOfEach | (typeof TARGET_CHOICES)[number];

/**
 * Reads what an experiment aims at: the name of a class, which comes first, a choice, or a file with a class of each test
 * instance.
 * @param target the file by its absolute path, as .npy
 * @throws RampartError `usage` where it is none of them, `missing` where there is no such file, `bad-data` where the file does not fit the test set
 */
export function parseTarget(target: string | undefined, dataset: Dataset): TargetChoice | undefined {
  if (target === undefined) return undefined;
  const { classes } = dataset;
  if (target.endsWith('.npy')) return { labels: readTargets(target, dataset) };
  const label = classes.indexOf(target);
  if (label >= 0) return label;
  const choice = TARGET_CHOICES.find((one) => one === target);
  if (choice !== undefined) return choice;
  throw unknownName('target class', target, [...classes, ...TARGET_CHOICES]);
}

function readTargets(path: string, { classes, test }: Dataset): number[] {
  const bad = (reason: string, cause?: unknown) =>
    new RampartError({
      code: isMissingFile(cause) ? 'missing' : 'bad-data',
      message: `${path}: ${reason}. Expected the index of a class for each of ${test.labels.length} test instances, from 0 to ${classes.length - 1}.`,
      cause,
    });
  let labels: number[];
  try {
    labels = Array.from(npyNumbers(decodeNpy(readWholeFileSync(path))));
  } catch (error) {
    throw bad(messageOf(error), error);
  }
  if (labels.length !== test.labels.length) throw bad(`received ${labels.length} values`);
  const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes.length));
  if (wrong >= 0) throw bad(`received ${labels[wrong]} for instance ${wrong}`);
  return labels;
}

/** The class that all instances are to be taken for, if it is one. */
export function commonTarget(target: TargetChoice | undefined): number | undefined {
  return typeof target === 'number' ? target : undefined;
}

/** What instances are to be taken for: as many lists of a target for each instance as the attack is run with. */
export async function targetLists(
  choice: TargetChoice,
  {
    classifier,
    images,
    labels,
    indices,
    rng,
  }: {
    readonly classifier: Classifier;
    readonly images: ImageBatch;
    readonly labels: Int32Array;
    /** Of the instances in the test set. */
    readonly indices: Int32Array;
    /** The generator of an instance. */
    rng(instance: number): Rng;
  },
): Promise<readonly Int32Array[]> {
  const { classes } = classifier;
  if (typeof choice === 'number') return [new Int32Array(labels.length).fill(choice)];
  if (typeof choice === 'object') return [indices.map((index) => choice.labels[index]!)];
  if (choice === 'random') {
    return [
      labels.map(
        (label, i) =>
          (label +
            1 +
            rng(i)
              .split('target')
              .integer(classes - 1)) %
          classes,
      ),
    ];
  }
  if (choice === 'each') {
    return Array.from({ length: classes - 1 }, (_, turn) => labels.map((label) => (label + 1 + turn) % classes));
  }
  const logits = await classifier.logits(images.data);
  return [
    labels.map((label, i) => {
      let least = -1;
      for (let j = 0; j < classes; j++) {
        if (j !== label && (least < 0 || logits[i * classes + j]! < logits[i * classes + least]!)) least = j;
      }
      return least;
    }),
  ];
}
