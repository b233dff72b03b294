import { RampartError } from '@rampart/core';
import { z } from 'zod';

import type { RawDataset, RawSplit } from './assemble';
import { type ClassChoice, classChoice } from './class-choice';

/** Parameters of datasets whose classes are known once they are read. */
export const namedClasses = {
  names: z
    .array(z.union([z.string(), z.number()]).transform(String))
    .default([])
    .describe('Names of the classes, in the order of the labels in the files; their numbers when left out'),
  classes: z
    .union([z.literal('all'), z.array(z.union([z.string(), z.number()]))])
    .default('all')
    .describe('Classes by name or number, the malicious one first; all for every class'),
};

/** The choice of classes in its canonical form. @throws RampartError `usage` when a class does not exist */
export function chooseNamed(
  dataset: string,
  names: readonly string[],
  classes: 'all' | readonly (string | number)[],
): ClassChoice {
  const choice = classChoice(names, 'all').safeParse(classes);
  if (choice.success) return choice.data;
  throw new RampartError({
    code: 'usage',
    message: `dataset "${dataset}", parameter "classes": ${choice.error.issues[0]!.message}`,
  });
}

/**
 * The classes of data whose labels are whole numbers: those of the names given, by label; without names, the labels
 * that occur.
 */
export function labelsOf(
  splits: readonly RawSplit[],
  names: readonly string[],
): Pick<RawDataset, 'names'> & { readonly labels: readonly number[] } {
  const held = [...new Set(splits.flatMap(({ labels }) => Array.from(labels)))].sort((a, b) => a - b);
  if (names.length === 0) return { names: held.map(String), labels: held };
  return { names, labels: names.map((_, label) => label) };
}
