import { canonicalJson, type Dataset, inSharedMemory, type LabelledImages } from '@rampart/core';

import type { DatasetRequest } from './executor';

/** The dataset that was loaded last, in memory that threads can share. */
let held: { readonly key: string; readonly dataset: Dataset } | undefined;

/** Keeps a dataset for whoever asks for it next, in this thread or in one that is given it. Returns it as it is kept. */
export function holdDataset(request: DatasetRequest, dataset: Dataset): Dataset {
  const shared = shareable(dataset);
  held = { key: canonicalJson(request), dataset: shared };
  return shared;
}

/** The dataset of a request; undefined unless it is the one that is kept. */
export function heldDataset(request: DatasetRequest): Dataset | undefined {
  return held?.key === canonicalJson(request) ? held.dataset : undefined;
}

/** The same dataset where threads can read it without a copy each. */
function shareable(dataset: Dataset): Dataset {
  const split = ({ images, labels }: LabelledImages): LabelledImages => ({
    images: { ...images, data: inSharedMemory(images.data) },
    labels: inSharedMemory(labels),
  });
  return { ...dataset, train: split(dataset.train), test: split(dataset.test) };
}
