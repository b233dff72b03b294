import { argmax, type Dataset } from '@rampart/core';
import { openVerifier } from '@rampart/models';
import type { Model } from '@rampart/onnx';

import { comparedSamples, isFarBetter, percent } from './compared-samples';
import { fitClasses } from './fit-classes';
import type { Warning } from './warning';

/**
 * What to tell of a file with one output value whose large values speak for the other class than they are taken for:
 * far more test samples are right then. Undefined where nothing says so.
 * @param adopted the file as a classifier of the dataset's samples, with two logits
 */
export async function otherIndex(
  adopted: Model,
  { positiveIndex, output }: { readonly positiveIndex: 0 | 1; readonly output: string },
  dataset: Dataset,
): Promise<Warning | undefined> {
  const { test, classes } = fitClasses(dataset, 2);
  const { images, labels } = comparedSamples(test);
  const verifier = await openVerifier(adopted, { box: dataset.box });
  let right: readonly boolean[];
  try {
    const logits = await verifier.logits(images.data);
    right = Array.from(labels, (label, i) => argmax(logits, 2 * i, 2) === label);
  } finally {
    await verifier.dispose();
  }
  const turned = right.map((one) => !one);
  if (!isFarBetter(turned, right, 1)) return undefined;
  const other = turnedIndex({ positiveIndex });
  const share = (of: readonly boolean[]) => percent(of.filter(Boolean).length, of.length);
  const figures = `${share(right)} of ${labels.length} test samples are right, and ${share(turned)} are if a large "${output}" speaks for class "${classes[other]}", not "${classes[positiveIndex]}"`;
  const text = `${figures}: its figures mean little as they are. Pass --positive-index ${other} (in an experiment file positiveIndex=${other}).`;
  return { text, better: { positiveIndex: other, figures } };
}

/** The other class that a large single value may speak for. */
export function turnedIndex({ positiveIndex }: { readonly positiveIndex: 0 | 1 }): 0 | 1 {
  return positiveIndex === 0 ? 1 : 0;
}
