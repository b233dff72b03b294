import type { RunRecord } from '@rampart/results';
import { parse } from 'yaml';

/** What a run's attacks aim at, as its experiment says it; undefined where any wrong class will do. */
export function targetOf({ experiment }: Pick<RunRecord, 'experiment'>): string | undefined {
  try {
    const fields = parse(experiment) as { readonly target?: unknown } | null;
    return fields?.target === undefined ? undefined : String(fields.target);
  } catch {
    // What ran was readable; a record that somebody wrote by hand need not be.
    return undefined;
  }
}

const CHOICES: Readonly<Record<string, string>> = {
  'least-likely': 'the least likely class of each',
  random: 'a random other class of each',
  each: 'each other class in turn',
};

/** `class "3"`, `the least likely class of each`, `the classes of targets.npy`. */
export function targetText(target: string): string {
  return CHOICES[target] ?? (target.endsWith('.npy') ? `the classes of ${target}` : `class "${target}"`);
}

/** What the standings of a targeted run do not say. */
export const ANY_WRONG_CLASS =
  'The attacks aimed at classes; here any wrong class counts. See their targeted success below.';
