import { type Dataset, datasetChecksum, isOfSets, type LabelledImages, RampartError } from '@rampart/core';
import { columnNames } from '@rampart/models';

import type { ModelSource } from './components';
import { listed } from './fit-classes';
import { type OnnxFileParams, readWholeModel } from './model-file';

/**
 * What the files of an experiment call their columns, where one does.
 * @throws RampartError `bad-model` where two files have the dataset's classes in different columns
 */
export async function namesOfColumns(
  models: readonly ModelSource[],
  dataset: Dataset,
): Promise<readonly string[] | undefined> {
  if (isOfSets(dataset.samples)) return undefined;
  let first: { readonly path: string; readonly names: readonly string[] } | undefined;
  for (const { definition, params } of models) {
    if (definition.name !== 'onnx') continue;
    const { path } = params as OnnxFileParams;
    const names = columnNames(path, await readWholeModel(path));
    if (!names) continue;
    first ??= { path, names };
    if (inNamedColumns(dataset, names).checksum === inNamedColumns(dataset, first.names).checksum) continue;
    throw new RampartError({
      code: 'bad-model',
      message: `${path}: Expected columns in the order of ${first.path} beside it: ${listed(first.names)}. Received ${listed(names)}. Run them one by one.`,
    });
  }
  return first?.names;
}

/**
 * A dataset whose classes are the columns that a file has for them by their names, in any case; as it is where the file
 * has no column of the name of one of them.
 * @param names what the file calls its columns, in their order
 */
export function inNamedColumns(dataset: Dataset, names: readonly string[]): Dataset {
  const { classes, malicious } = dataset;
  const columns = classes.map((name) => names.findIndex((own) => sameName(own, name)));
  const asTheyAre = columns.length === names.length && columns.every((column, label) => column === label);
  if (asTheyAre || columns.includes(-1) || new Set(columns).size < columns.length) return dataset;
  const placed = ({ images, labels }: LabelledImages): LabelledImages => ({
    images,
    labels: labels.map((label) => columns[label]!),
  });
  const [train, test] = [placed(dataset.train), placed(dataset.test)];
  return {
    ...dataset,
    classes: names,
    malicious: malicious === undefined ? undefined : columns[malicious]!,
    own: { labels: names.map((_, column) => column), names },
    ...{ train, test },
    checksum: datasetChecksum(train, test),
  };
}

/** What a reader must know of a file's own names for its columns, which the dataset may not share. */
export function namedColumnsNote({ classes, checksum }: Dataset, placed: Dataset, names: readonly string[]): string[] {
  if (placed.checksum !== checksum) {
    const places = classes.map((name) => `${name} is column ${placed.classes.findIndex((own) => sameName(own, name))}`);
    return [`Classes of the data are the model's columns of their names: ${listed(places)}.`];
  }
  const foreign = names.some((name) => !/^\d+$/.test(name) && !classes.some((own) => sameName(own, name)));
  if (!foreign) return [];
  return [
    `The model calls its columns ${listed(names)}, and the data their classes ${listed(classes)}: these are taken for its columns in their order.`,
  ];
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
