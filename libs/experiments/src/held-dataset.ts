import { canonicalJson, type Dataset, type LabelledImages } from '@rampart/core';

import type { DatasetRequest } from './executor';

/** The dataset that was loaded last, in memory that threads can share. */
let held: { readonly key: string; readonly dataset: Dataset } | undefined;

/** Keeps a dataset for whoever asks for it next, in this thread or in one that is given it. Returns it as it is kept. */
export function holdDataset(request: DatasetRequest, dataset: Dataset): Dataset {
  const shared = inSharedMemory(dataset);
  held = { key: canonicalJson(request), dataset: shared };
  return shared;
}

/** The dataset of a request; undefined unless it is the one that is kept. */
export function heldDataset(request: DatasetRequest): Dataset | undefined {
  return held?.key === canonicalJson(request) ? held.dataset : undefined;
}

/** The same dataset where threads can read it without a copy each. */
function inSharedMemory(dataset: Dataset): Dataset {
  const split = ({ images, labels }: LabelledImages): LabelledImages => ({
    images: { ...images, data: shared(images.data, Float32Array) },
    labels: shared(labels, Int32Array),
  });
  return { ...dataset, train: split(dataset.train), test: split(dataset.test) };
}

function shared<T extends Float32Array | Int32Array>(from: T, Array_: new (buffer: SharedArrayBuffer) => T): T {
  if (from.buffer instanceof SharedArrayBuffer) return from;
  const result = new Array_(new SharedArrayBuffer(from.byteLength));
  result.set(from);
  return result;
}
