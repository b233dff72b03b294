import {
  type Dataset,
  decodeNpy,
  Feasibility,
  featureCount,
  feasibleOf,
  type FeasibleSet,
  formatShape,
  isMissingFile,
  messageOf,
  RampartError,
  readWholeFile,
} from '@rampart/core';

import type { FeasibleFiles } from './experiment';

/** A feasible set as a step has it: plain JSON. */
export interface FeasibleParams {
  readonly frozen?: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly values?: 'integer' | '8-bit';
  readonly steps?: readonly number[];
  readonly groups?: readonly (readonly number[])[];
}

/**
 * Reads what an experiment says about its instances' features, beside what the dataset says itself; undefined where
 * neither says anything.
 * @throws RampartError `bad-data` where a file cannot be read or does not fit the dataset's instances
 */
export async function readFeasible(
  files: FeasibleFiles | undefined,
  dataset: Dataset,
): Promise<FeasibleParams | undefined> {
  const own = feasibleOf(dataset.samples);
  if (!files && !own) return undefined;
  const features = featureCount(dataset.shape);
  const { frozen, lower, upper, values } = files ?? {};
  const fixed = own?.frozen ? nonzero(Array.from(own.frozen)) : [];
  const chosen =
    typeof frozen === 'string' ? nonzero(await readArray(frozen, dataset)) : checkIndices(frozen ?? [], features);
  const params: FeasibleParams = {
    ...((frozen !== undefined || fixed.length > 0) && { frozen: withGroups([...fixed, ...chosen], own?.groups) }),
    ...(own?.steps && { steps: Array.from(own.steps) }),
    ...(own?.groups && { groups: own.groups }),
    ...(lower !== undefined && { lower: await readArray(lower, dataset) }),
    ...(upper !== undefined && { upper: await readArray(upper, dataset) }),
    ...(values !== undefined && { values }),
  };
  checkGroups(params, dataset);
  // Refuses what leaves nothing.
  new Feasibility(feasibleSet(params, features), dataset.box, features);
  return params;
}

/** A feasible set as an attack has it. */
export function feasibleSet(
  { frozen, lower, upper, values, steps, groups }: FeasibleParams,
  features: number,
): FeasibleSet {
  const mask = new Uint8Array(features);
  for (const feature of frozen ?? []) mask[feature] = 1;
  return {
    ...(frozen && { frozen: mask }),
    ...(lower && { lower: Float32Array.from(lower) }),
    ...(upper && { upper: Float32Array.from(upper) }),
    ...(values && { values }),
    ...(steps && { steps: Float64Array.from(steps) }),
    ...(groups && { groups }),
  };
}

async function readArray(path: string, { shape }: Dataset): Promise<number[]> {
  let array;
  try {
    array = decodeNpy(await readWholeFile(path));
  } catch (error) {
    const code = isMissingFile(error) ? 'missing' : 'bad-data';
    throw new RampartError({ code, message: `${path} cannot be read: ${messageOf(error)}.`, cause: error });
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

/** The features that may not change, with the whole of each group that one of them is of. */
function withGroups(frozen: readonly number[], groups: FeasibleSet['groups'] = []): readonly number[] {
  const all = new Set(frozen);
  for (const group of groups)
    if (group.some((feature) => all.has(feature))) group.forEach((feature) => all.add(feature));
  return [...all];
}

/** A category is one of all or may not change; bounds that leave out some are not what they can be held to. */
function checkGroups({ groups = [], lower, upper }: FeasibleParams, { samples }: Dataset): void {
  const narrowed = groups.flat().find((k) => (lower?.[k] ?? 0) > 0 || (upper?.[k] ?? 1) < 1);
  if (narrowed === undefined) return;
  const name = samples?.kind === 'table' ? samples.features[narrowed]!.name : String(narrowed);
  throw new RampartError({
    code: 'bad-data',
    message: `The feasible set narrows feature ${narrowed}, "${name}", which is a category. Expected bounds of numbers only: freeze the whole column if its category may not change.`,
  });
}
