import { unknownName } from '@rampart/core';
import { z } from 'zod';

/** A choice of classes in its canonical form: every one of them, or some in the order of their labels. */
export type ClassChoice = 'all' | readonly (string | number)[];

/**
 * The schema of a `classes` parameter: names or numbers of at least two different classes, the malicious one
 * first; `all`, or no class at all, means every class. Its output is canonical, so that `[0, 3]` and
 * `[airplane, cat]` are one choice.
 * @param names every class of the dataset, by number
 * @param defaults the canonical choice when none is given
 */
export function classChoice(names: readonly string[], defaults: ClassChoice) {
  return z
    .union([z.literal('all'), z.array(z.union([z.string(), z.number()]))], {
      error: 'expected a list of classes, such as [a, b], or all',
    })
    .transform((choice, context): ClassChoice => {
      if (choice === 'all' || choice.length === 0) return 'all';
      const refuse = (message: string): never => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      const chosen: (string | number)[] = [];
      for (const wanted of choice) {
        const name =
          typeof wanted === 'number' ? numbered(wanted, names) : names.find((known) => sameName(known, wanted));
        if (name === undefined) return refuse(noSuchClass(wanted, names));
        if (chosen.includes(canonical(name))) return refuse(`class "${name}" is named twice`);
        chosen.push(canonical(name));
      }
      return chosen.length < 2 ? refuse('expected at least two classes to tell apart') : chosen;
    })
    .default(defaults)
    .describe('Classes by name or number, the malicious one first; all for every class');
}

/** Schema of a limit on the images of a split. */
export const splitLimit = (split: string) =>
  z.int().min(0).default(0).describe(`Images of the ${split} split to keep, evenly spaced over it; 0 for all`);

/** A class whose name is a number is written as that number. */
function canonical(name: string): string | number {
  return isNumber(name) ? Number(name) : name;
}

/** The class of a number: its own name where classes are called by their labels, else its place. */
function numbered(wanted: number, names: readonly string[]): string | undefined {
  return names.every(isNumber) ? names.find((name) => name === String(wanted)) : names[wanted];
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function sameName(known: string, wanted: string): boolean {
  return known.toLowerCase() === wanted.toLowerCase();
}

function noSuchClass(wanted: string | number, names: readonly string[]): string {
  // The nearest number is no guess at what a wrong number was meant to be.
  if (typeof wanted === 'string' && !/^\d+$/.test(wanted)) return unknownName('class', wanted, names).message;
  return `there is no class ${wanted}; known: ${names.map((name, i) => (isNumber(name) ? name : `${i} ${name}`)).join(', ')}`;
}

/** Which of a dataset's classes are kept. */
export interface ChosenClasses {
  /** Names by new label. */
  readonly classes: readonly string[];
  /** The new label of each of the dataset's own labels; -1 for a class that is left out. */
  readonly newLabels: Int32Array;
  /** The new label of the class that was named first and is attacked; undefined when all of them are kept. */
  readonly malicious: number | undefined;
}

/**
 * Labels count the chosen classes in the order of the dataset's own: which of them is named first tells which one is
 * attacked, and never which column of a model is whose.
 */
export function chooseClasses(names: readonly string[], choice: ClassChoice): ChosenClasses {
  const chosen = choice === 'all' ? names : choice.map(String);
  const classes = names.filter((name) => chosen.includes(name));
  return {
    classes,
    newLabels: Int32Array.from(names, (name) => classes.indexOf(name)),
    malicious: classes.length === names.length ? undefined : classes.indexOf(chosen[0]!),
  };
}
