import { RampartError } from '@rampart/core';

import type { BatchedFeed } from './batched-session';
import type { WithLoss } from './loss';

/** What a loss of a batch is told besides its images. */
export interface LossClasses {
  readonly labels: Int32Array;
  readonly rivals: Int32Array | undefined;
  /** Images of the batch. */
  readonly count: number;
  readonly classes: number;
}

/**
 * Feeds for the masks of a loss: one true value a row.
 * @throws RampartError `bad-data` unless there is one class index for each image, `usage` where the loss needs rivals
 *   and there are none
 */
export function classMasks(
  { mask, rivalMask }: Pick<WithLoss, 'mask' | 'rivalMask'>,
  { labels, rivals, count, classes }: LossClasses,
): Record<string, BatchedFeed> {
  checkClasses('label', labels, count, classes);
  const feeds = { [mask]: maskOf(labels, classes) };
  if (rivalMask === undefined) return feeds;
  if (!rivals) {
    throw new RampartError({
      code: 'usage',
      message: `The loss compares each label with another class. Expected one rival for each of ${count} images. Received none.`,
    });
  }
  checkClasses('rival', rivals, count, classes);
  return { ...feeds, [rivalMask]: maskOf(rivals, classes) };
}

function maskOf(indices: Int32Array, classes: number): BatchedFeed {
  const data = new Uint8Array(indices.length * classes);
  for (let i = 0; i < indices.length; i++) data[i * classes + indices[i]!] = 1;
  return { type: 'bool', data, dims: [classes] };
}

function checkClasses(what: 'label' | 'rival', indices: Int32Array, count: number, classes: number): void {
  if (indices.length !== count) {
    throw new RampartError({
      code: 'bad-data',
      message: `Expected one ${what} for each of ${count} images. Received ${indices.length}.`,
    });
  }
  const bad = indices.findIndex((index) => !(index >= 0 && index < classes));
  if (bad < 0) return;
  throw new RampartError({
    code: 'bad-data',
    message: `Expected ${what}s from 0 to ${classes - 1}, as the model has ${classes} classes. Received ${indices[bad]} at index ${bad}.`,
  });
}
