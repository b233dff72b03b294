import { type Dataset, datasetChecksum, type LabelledImages, RampartError } from '@rampart/core';

/**
 * A dataset as a model of so many classes sees it. With as many classes as the model has columns they are its columns,
 * in their order. A model of more has its columns in the order of the dataset's own labels: classes without a sample are
 * its too.
 * @throws RampartError `bad-model` where neither fits
 */
export function fitClasses(dataset: Dataset, columns: number): Dataset {
  const { classes, own, malicious } = dataset;
  if (columns === classes.length) return dataset;
  if (!own || columns <= Math.max(...own.labels)) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected a model of ${classes.length} classes (${listed(classes)})${own ? ', or one with a column for each label of the dataset' : ''}. Received one of ${columns}. Choose the dataset's classes to fit it.`,
    });
  }
  const spread = ({ images, labels }: LabelledImages): LabelledImages => ({
    images,
    labels: labels.map((label) => own.labels[label]!),
  });
  const [train, test] = [spread(dataset.train), spread(dataset.test)];
  return {
    ...dataset,
    classes: Array.from({ length: columns }, (_, label) => own.names[label] ?? String(label)),
    malicious: malicious === undefined ? undefined : own.labels[malicious]!,
    own: { labels: Array.from({ length: columns }, (_, label) => label), names: own.names },
    train,
    test,
    checksum: datasetChecksum(train, test),
  };
}

/** What a reader must know of labels that are not the numbers of a model's columns; undefined where they are. */
export function columnsNote({ classes, own }: Dataset): string | undefined {
  if (!own || own.labels.every((label, column) => label === column)) return undefined;
  const shown = own.labels.slice(0, LISTED).map((label, column) => {
    const name = classes[column]!;
    return `${name === String(label) ? label : `${label} (${name})`} is column ${column}`;
  });
  const more = own.labels.length - shown.length;
  return `Labels of the data are mapped to the model's columns: ${shown.join(', ')}${more > 0 ? `, and ${more} more in their order` : ''}.`;
}

/** Classes that a message lists before it counts the rest. */
const LISTED = 12;

/** Names as messages list them: the first ones where they are many. */
export function listed(names: readonly string[]): string {
  return names.length <= LISTED
    ? names.join(', ')
    : `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`;
}
