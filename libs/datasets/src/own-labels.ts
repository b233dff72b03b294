import { RampartError } from '@rampart/core';
import { z } from 'zod';

import { type ClassChoice, classChoice } from './class-choice';
import { readUserFile, userPath } from './user-path';

/** Parameters of datasets whose classes are known once they are read. */
export const namedClasses = {
  names: z
    .union([z.string(), z.array(z.union([z.string(), z.number()]).transform(String))])
    .default([])
    .describe(
      "Names of the classes in the order of the labels, which is that of the model's columns; or a file of them, one a line or as JSON",
    ),
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
 * Names of classes, of which a file may be a list of lines, a JSON list, or a JSON object by label.
 * @throws RampartError `bad-data` when the file is none of these
 */
export async function readNames(
  names: readonly string[] | string,
  dataDir: string | undefined,
): Promise<readonly string[]> {
  if (typeof names !== 'string') return names;
  const path = userPath('names', names, dataDir);
  const text = (await readUserFile(path)).toString('utf8').trim();
  const known = /^[[{]/.test(text) ? namesInJson(text) : text.split(/\r?\n/).map((line) => line.trim());
  if (known !== undefined && known.length > 1 && !known.includes('')) return known;
  throw new RampartError({
    code: 'bad-data',
    message: `${path}: expected names of classes, one a line, or as JSON: a list, or an object by label. Received something else.`,
  });
}

function namesInJson(text: string): string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string') ? (value as string[]) : undefined;
  const entries = Object.entries(value as Record<string, unknown>);
  const names = entries.map((_, label) => (value as Record<string, unknown>)[label]);
  return names.every((name) => typeof name === 'string') ? (names as string[]) : undefined;
}

/** Classes by name, and the own label of each. */
export interface OwnNames {
  readonly names: readonly string[];
  readonly labels: readonly number[];
}

/**
 * The classes of data whose labels are whole numbers: those of the names given, by label; without names, the labels
 * that occur.
 */
export function labelsOf(splits: readonly ArrayLike<number>[], names: readonly string[]): OwnNames {
  const held = [...new Set(splits.flatMap((labels) => Array.from(labels)))].sort((a, b) => a - b);
  if (names.length === 0) return { names: held.map(String), labels: held };
  return { names, labels: names.map((_, label) => label) };
}
