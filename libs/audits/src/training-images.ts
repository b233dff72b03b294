import { defineAudit, featureCount, type ImageBatch } from '@rampart/core';
import { z } from 'zod';

import { partOf } from './evidence/words';

/**
 * Test images that are training images, bit by bit: of these a model may know the answer by heart, and the figure is no
 * estimate for others.
 */
export const trainingImages = defineAudit({
  name: 'training-images',
  summary: 'Test images that are among the training images.',
  source: 'Barz, Denzler 2020, "Do we train on test data? Purging CIFAR of near-duplicates"',
  version: 1,
  params: z.object({
    above: z
      .number()
      .min(0)
      .lt(1)
      .default(0.01)
      .describe('The part of the test images from which on the figure is doubtful.'),
  }),
  modes: ['static', 'adaptive'],
  remedies: [],
  inspect({ above }, { test, train, shape }) {
    const size = featureCount(shape);
    const shared = sharedImages(bitsOf(test.images), bitsOf(train.images), size);
    const { count } = test.images;
    if (shared === 0) return [];
    return [
      {
        severity: shared > above * count ? 'high' : 'medium',
        summary: `${partOf(shared, count)} test images are among the training images.`,
        evidence: { images: count, shared },
      },
    ];
  },
});

/** The values as whole numbers, which compare and hash exactly. */
function bitsOf({ data }: ImageBatch): Int32Array {
  return new Int32Array(data.buffer, data.byteOffset, data.length);
}

/** How many images of the first set are in the second. */
function sharedImages(first: Int32Array, second: Int32Array, size: number): number {
  const places = new Map<number, number[]>();
  for (let from = 0; from < first.length; from += size) {
    const hash = hashOf(first, from, size);
    places.set(hash, [...(places.get(hash) ?? []), from]);
  }
  const shared = new Set<number>();
  for (let from = 0; from < second.length; from += size) {
    for (const place of places.get(hashOf(second, from, size)) ?? []) {
      if (!shared.has(place) && equal(first, place, second, from, size)) shared.add(place);
    }
  }
  return shared.size;
}

/** FNV-1a over words instead of bytes. */
function hashOf(values: Int32Array, from: number, size: number): number {
  let hash = 0x811c9dc5;
  for (let k = from; k < from + size; k++) hash = Math.imul(hash ^ values[k]!, 0x01000193);
  return hash;
}

function equal(a: Int32Array, fromA: number, b: Int32Array, fromB: number, size: number): boolean {
  for (let k = 0; k < size; k++) if (a[fromA + k] !== b[fromB + k]) return false;
  return true;
}
