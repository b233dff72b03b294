import type { Dataset } from '@rampart/core';

/** A dataset whose samples are values inside of a model. */
export interface InnerDataset extends Dataset {
  /** The images that the values were computed from. */
  readonly from: Pick<Dataset, 'shape' | 'box' | 'samples'>;
}

/** The images that a dataset's samples were computed from: themselves, unless they are values inside of a model. */
export function originOf(dataset: Dataset): Pick<Dataset, 'shape' | 'box' | 'samples'> {
  return (dataset as Partial<InnerDataset>).from ?? dataset;
}
