import {
  type AccompaniedKind,
  accompaniedShape,
  type Companion,
  companionSize,
  featureCount,
  type ImageShape,
  type PixelBox,
  PUBLICATION_BOX,
  RampartError,
  type ValueKind,
} from '@rampart/core';

import { z } from 'zod';

import type { RawDataset, RawSplit } from './assemble';

/** Numbers of each sample of a split, one sample after the other. */
export interface Rows {
  /** The file, or the array in it. */
  readonly name: string;
  readonly count: number;
  /** The axes of one sample's numbers. */
  readonly dims: readonly number[];
  /** The number at a place among all of them. */
  at(index: number): number;
}

/** What the samples of a split bring along. */
export interface SplitCompany {
  /** By the name of the input that each is for. */
  readonly inputs: ReadonlyMap<string, Rows>;
  /** 1 for each label that holds, else 0: [count, labels]. */
  readonly labels?: Rows | undefined;
}

/** Splits, and what the samples of each bring along. */
export interface Accompanied {
  readonly shape: ImageShape;
  readonly box?: PixelBox;
  readonly samples?: ValueKind | undefined;
  readonly train?: Brought | undefined;
  readonly test: Brought;
  /** Names of the labels where they are sets; numbers where there are none. */
  readonly labelNames: readonly string[];
}

export interface Brought {
  readonly split: RawSplit;
  readonly company: SplitCompany;
}

const nameList = () => z.array(z.union([z.string(), z.number()]).transform(String)).default([]);

/** Parameters that say what samples bring along. */
export const companyParams = {
  inputs: (what: string) =>
    nameList().describe(
      `Inputs of the model that are not attacked and get a row for each sample: ${what} of their names, which no attacker can change`,
    ),
  labels: () => nameList().describe('Columns of zeros and ones, a label each, of which any may hold at once'),
};

/** That there is nothing for an input. */
export function inputMissing(input: string, file: string, expected: string): RampartError {
  return badData(file, `${expected} for the model's input "${input}", with a row for each sample`, 'none');
}

/** Whole numbers up to here come back whole from their place in the box. */
const LARGEST_WHOLE = 2 ** 22;

/** The class of a sample whose labels are all right; the others stand for a label that is wrong. */
const ALL_RIGHT = 'all labels right';

/**
 * Samples with what they bring along behind their own values. Sets of labels become one class, of which all samples are:
 * that all labels are right.
 * @throws RampartError `bad-data` where there is not one row a sample, or rows of the splits differ in shape
 */
export function accompanied(
  source: Omit<RawDataset, 'train' | 'test' | 'shape' | 'samples'>,
  { shape, box = PUBLICATION_BOX, samples, train, test, labelNames }: Accompanied,
): RawDataset {
  const splits = train ? [train, test] : [test];
  const labels = test.company.labels && namesOf(labelNames, test.company.labels);
  for (const { split, company } of splits) {
    for (const rows of [...company.inputs.values(), ...(company.labels ? [company.labels] : [])]) {
      const { length } = split.labels;
      if (rows.count === length) continue;
      throw badData(rows.name, `${length} rows, one a sample`, `${rows.count}`);
    }
    if (company.labels) checkSets(company.labels, labels!.length);
  }
  const companions = [...test.company.inputs.keys()].map((name) =>
    companionOf(
      name,
      splits.map(({ company }) => company.inputs.get(name)!),
    ),
  );
  const kind: AccompaniedKind = {
    kind: 'accompanied',
    shape,
    ...(samples && { of: samples }),
    companions,
    labels: labels ?? [],
  };
  const split = (brought: Brought) => withCompany(brought, kind, box);
  return {
    ...source,
    ...(labels && { names: [ALL_RIGHT, ...labels.map((label) => `${label} wrong`)], labels: undefined, sets: true }),
    box,
    shape: accompaniedShape(kind),
    samples: kind,
    ...(train && { train: split(train) }),
    test: split(test),
  };
}

function withCompany({ split, company }: Brought, kind: AccompaniedKind, box: PixelBox): RawSplit {
  const span = box.max - box.min;
  const own = featureCount(kind.shape);
  return {
    labels: company.labels ? new Int32Array(split.labels.length) : split.labels,
    async copyImage(image, target, offset) {
      await split.copyImage(image, target, offset);
      let at = offset + own;
      const append = (rows: Rows, size: number, min: number, max: number) => {
        for (let k = 0; k < size; k++, at++) {
          target[at] = box.min + (span * (rows.at(image * size + k) - min)) / (max - min);
        }
      };
      for (const companion of kind.companions) {
        append(company.inputs.get(companion.name)!, companionSize(companion), companion.min, companion.max);
      }
      if (company.labels) append(company.labels, kind.labels.length, 0, 1);
    },
  };
}

function companionOf(name: string, splits: readonly Rows[]): Companion {
  const { dims } = splits[0]!;
  const companion = { name, dims };
  const size = companionSize({ ...companion, min: 0, max: 0, whole: false });
  let [min, max, whole] = [Infinity, -Infinity, true];
  for (const rows of splits) {
    if (rows.dims.join() !== dims.join()) {
      throw badData(rows.name, `rows of [${dims.join(', ')}], as ${splits[0]!.name} has`, `[${rows.dims.join(', ')}]`);
    }
    for (let k = 0; k < rows.count * size; k++) {
      const value = rows.at(k);
      if (!Number.isFinite(value))
        throw badData(rows.name, 'finite numbers', `${value} for sample ${Math.floor(k / size)}`);
      if (value < min) min = value;
      if (value > max) max = value;
      whole &&= Number.isInteger(value);
    }
  }
  if (whole && max - min > LARGEST_WHOLE) {
    throw badData(
      splits[0]!.name,
      `whole numbers within ${LARGEST_WHOLE} of each other, as samples are kept in float32`,
      `numbers from ${min} to ${max}`,
    );
  }
  return { ...companion, min, max: max > min ? max : min + 1, whole };
}

function namesOf(names: readonly string[], { name, dims }: Rows): readonly string[] {
  const [count = 0] = dims;
  if (names.length === 0) return Array.from({ length: count }, (_, label) => `label ${label}`);
  if (names.length === count) return names;
  throw badData(name, `a column for each of the ${names.length} labels ${names.join(', ')}`, `${count} columns`);
}

function checkSets({ name, dims, count, at }: Rows, labels: number): void {
  if (dims.length !== 1 || dims[0] !== labels) {
    throw badData(name, `${labels} labels a sample`, `[${dims.join(', ')}]`);
  }
  for (let k = 0; k < count * labels; k++) {
    if (at(k) === 0 || at(k) === 1) continue;
    throw badData(
      name,
      'a 1 for each label of a sample that holds and a 0 for the others',
      `${at(k)} for sample ${Math.floor(k / labels)}, label ${k % labels}`,
    );
  }
}

function badData(file: string, expected: string, received: string): RampartError {
  return new RampartError({ code: 'bad-data', message: `${file}: expected ${expected}. Received ${received}.` });
}
