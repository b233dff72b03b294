import { type Classifier, decodeNpy, featureCount, type Finding, NORMS, type Rng } from '@rampart/core';

import type { CertifyStep } from '../step';
import { attackedTestIndices } from '../steps/attacked';
import { artifactOf, predictionsOf, type StepContext } from '../steps/context';
import { isWithin } from '../steps/within-threat';
import { type Certificate, isDisproved } from './certify';

/** What was certified, and by what. */
interface Certified {
  /** Of the first instances of the test set. */
  readonly certificates: readonly Certificate[];
  /** What the file takes the whole test set for. */
  readonly clean: Int32Array | undefined;
  /** The classifier that is given noisy copies. */
  readonly base: Classifier;
  readonly sigma: number;
  readonly rng: Rng;
}

/**
 * Holds certificates against what the run has found: no certified accuracy is above what attacks leave, unless there is a
 * sample within its certified radius that the model takes for another class. Of each such sample copies are drawn: where
 * the right class does not win them, a certificate is wrong; else it is the file's few copies that are.
 */
export async function contradictions(
  step: CertifyStep,
  { certificates, clean, base, sigma, rng }: Certified,
  context: StepContext,
): Promise<Finding[]> {
  const { test } = context.dataset;
  const { samples, alpha } = step;
  const misjudged = new Set<number>();
  const disproved = new Set<number>();
  let certain = 0;
  for (const [index, { prediction }] of certificates.entries()) {
    if (prediction !== test.labels[index]) continue;
    certain++;
    // Its own image is what it was certified by.
    if (clean && clean[index] !== prediction) misjudged.add(index);
  }
  for await (const { index, example, evaluate } of misjudgedWithin(step, certificates, context)) {
    misjudged.add(index);
    const drawn = rng.split(`${evaluate} ${index}`);
    const label = test.labels[index]!;
    if (await isDisproved(base, example, label, { sigma, samples, alpha, rng: drawn })) disproved.add(index);
  }
  if (misjudged.size === 0) return [];
  const evidence = { certified: certain, 'misjudged within their radius': misjudged.size, disproved: disproved.size };
  const wrong = disproved.size > 0;
  const summary = wrong
    ? `Within the certified radius of ${disproved.size} of ${certain} samples there is one that the vote of noisy copies takes for another class, where chance allows ${(alpha * certain).toPrecision(2)}: the certificates are wrong.`
    : `The file takes ${misjudged.size} of ${certain} samples for another class within their certified radius, where most of ${samples} noisy copies are taken for the right one: certificates are about the vote of all copies, and the file asks few.`;
  return [
    {
      audit: 'certificates',
      severity: disproved.size > Math.max(1, alpha * certain) ? 'high' : 'low',
      ...{ summary, evidence, remedies: [], resolved: false },
    },
  ];
}

/** Examples of the run within the certified radius of their originals that the model takes for another class. */
async function* misjudgedWithin(step: CertifyStep, certificates: readonly Certificate[], context: StepContext) {
  const { dataset } = context;
  const { labels } = dataset.test;
  const features = featureCount(dataset.shape);
  const attacked = attackedTestIndices(dataset, step.target);
  for (const evaluate of step.examples) {
    const predicted = await predictionsOf(context, evaluate);
    const examples = decodeNpy(await artifactOf(context, evaluate, 'adversarial')).data as Float32Array;
    for (const [position, index] of attacked.entries()) {
      const certificate = certificates[index];
      if (!certificate || certificate.prediction !== labels[index] || predicted[index] === labels[index]) continue;
      const example = examples.subarray(position * features, (position + 1) * features);
      const original = dataset.test.images.data.subarray(index * features, (index + 1) * features);
      if (isWithin(NORMS.l2.distance(example, original, 0, features), certificate.radius)) {
        yield { index, example, evaluate };
      }
    }
  }
}
