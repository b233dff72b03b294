import { readFile } from 'node:fs/promises';

import {
  type Dataset,
  Feasibility,
  featureCount,
  type FeasibleSet,
  formatShape,
  messageOf,
  RampartError,
} from '@rampart/core';
import { decodeNpy } from '@rampart/results';

import type { FeasibleFiles } from './experiment';

/** A feasible set as a step has it: plain JSON. */
export interface FeasibleParams {
  readonly frozen?: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly values?: 'integer' | '8-bit';
}

/**
 * Reads what an experiment says about its instances' features.
 * @throws RampartError `bad-data` where a file cannot be read or does not fit the dataset's instances
 */
export async function readFeasible(files: FeasibleFiles, dataset: Dataset): Promise<FeasibleParams> {
  const features = featureCount(dataset.shape);
  const { frozen, lower, upper, values } = files;
  const params: FeasibleParams = {
    ...(frozen !== undefined && {
      frozen: typeof frozen === 'string' ? nonzero(await readArray(frozen, dataset)) : checkIndices(frozen, features),
    }),
    ...(lower !== undefined && { lower: await readArray(lower, dataset) }),
    ...(upper !== undefined && { upper: await readArray(upper, dataset) }),
    ...(values !== undefined && { values }),
  };
  // Refuses what leaves nothing.
  new Feasibility(feasibleSet(params, features), dataset.box, features);
  return params;
}

/** A feasible set as an attack has it. */
export function feasibleSet({ frozen, lower, upper, values }: FeasibleParams, features: number): FeasibleSet {
  const mask = new Uint8Array(features);
  for (const feature of frozen ?? []) mask[feature] = 1;
  return {
    ...(frozen && { frozen: mask }),
    ...(lower && { lower: Float32Array.from(lower) }),
    ...(upper && { upper: Float32Array.from(upper) }),
    ...(values && { values }),
  };
}

async function readArray(path: string, { shape }: Dataset): Promise<number[]> {
  let array;
  try {
    array = decodeNpy(await readFile(path));
  } catch (error) {
    throw new RampartError({ code: 'bad-data', message: `${path} cannot be read: ${messageOf(error)}`, cause: error });
  }
  const features = featureCount(shape);
  if (array.data.length !== features) {
    throw new RampartError({
      code: 'bad-data',
      message: `${path} has the shape [${array.shape.join(', ')}]. Expected one value for each of the ${features} features of an instance, ${formatShape(shape)}.`,
    });
  }
  const values = Array.from(array.data, Number);
  const bad = values.findIndex((value) => Number.isNaN(value));
  if (bad < 0) return values;
  throw new RampartError({ code: 'bad-data', message: `${path} has NaN at feature ${bad}. Expected numbers.` });
}

function nonzero(values: readonly number[]): number[] {
  return values.flatMap((value, feature) => (value === 0 ? [] : [feature]));
}

function checkIndices(indices: readonly number[], features: number): readonly number[] {
  const bad = indices.find((index) => index >= features);
  if (bad === undefined) return indices;
  throw new RampartError({
    code: 'bad-data',
    message: `Features are counted from 0 to ${features - 1}. Received ${bad} among those that may not change.`,
  });
}
