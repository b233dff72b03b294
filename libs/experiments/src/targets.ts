import { type Classifier, type Dataset, type ImageBatch, type Rng, unknownName } from '@rampart/core';

/** How the class is chosen that an instance is to be taken for, where it is not one for all. */
export const TARGET_CHOICES = ['least-likely', 'random', 'each'] as const;

/** A class for all, or how each instance's is chosen; `each`: every other class in turn, the best example counts. */
export type TargetChoice = number | (typeof TARGET_CHOICES)[number];

/**
 * Reads what an experiment aims at: the name of a class, which comes first, or a choice.
 * @throws RampartError `usage` where it is neither
 */
export function parseTarget(target: string | undefined, { classes }: Dataset): TargetChoice | undefined {
  if (target === undefined) return undefined;
  const label = classes.indexOf(target);
  if (label >= 0) return label;
  const choice = TARGET_CHOICES.find((one) => one === target);
  if (choice !== undefined) return choice;
  throw unknownName('target class', target, [...classes, ...TARGET_CHOICES]);
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
    rng,
  }: {
    readonly classifier: Classifier;
    readonly images: ImageBatch;
    readonly labels: Int32Array;
    /** The generator of an instance. */
    rng(instance: number): Rng;
  },
): Promise<readonly Int32Array[]> {
  const { classes } = classifier;
  if (typeof choice === 'number') return [new Int32Array(labels.length).fill(choice)];
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
