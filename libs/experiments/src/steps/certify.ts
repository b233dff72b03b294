import { featureCount, REJECTED, Rng, sliceBatch, wilson } from '@rampart/core';
import { openVerifier, smoothedModel } from '@rampart/models';
import type { CertifiedPoint } from '@rampart/results';

import { certify, farthestRadius } from '../certify/certify';
import { contradictions } from '../certify/contradictions';
import type { CertifyStep } from '../step';
import { attackedTestIndices } from './attacked';
import { artifactOf, predictionsOf, type StepContext, type StepResult } from './context';
import type { CertifyOutput } from './outputs';

/** Points of a curve, at the most. */
const POINTS = 200;

/**
 * Certifies a smoothed model: it is taken for the classifier that answers by the vote of all noisy copies of an image, of
 * which its own answer is a sample. Of any other model nothing is certain.
 */
export async function runCertify(step: CertifyStep, context: StepContext): Promise<StepResult> {
  const smoothed = smoothedModel(await artifactOf(context, step.model, 'model'));
  if (!smoothed) return { output: {} satisfies CertifyOutput, artifacts: [] };
  const { test, box, shape } = context.dataset;
  const instances = Math.min(step.limit ?? Infinity, test.images.count);
  const labels = test.labels.subarray(0, instances);
  const { samples, selection, alpha } = step;
  const { sigma } = smoothed;
  const base = await openVerifier(smoothed.model, { box });
  try {
    const rng = Rng.root(step.seed).split('certificates');
    const { signal, onProgress } = context;
    const asked = { sigma, samples, selection, alpha, rng, signal, onProgress };
    const certificates = await certify(base, sliceBatch(test.images, 0, instances), asked);
    const clean = step.clean === undefined ? undefined : await predictionsOf(context, step.clean);
    const attackable = attackedTestIndices(context.dataset, step.target).filter(
      (index) => index < instances && clean?.[index] === labels[index],
    );
    const radiiOf = (indices: Iterable<number>) =>
      Array.from(indices).flatMap((index) => {
        const { prediction, radius } = certificates[index]!;
        return prediction === labels[index] ? [radius] : [];
      });
    const output: CertifyOutput = {
      certificate: {
        ...{ sigma, samples, selection, alpha, instances },
        reach: farthestRadius({ sigma, samples, alpha }),
        features: featureCount(shape),
        attackable: attackable.length,
        abstained: certificates.filter(({ prediction }) => prediction === REJECTED).length / instances,
        curve: curveOf(radiiOf(labels.keys()), instances),
        attackableCurve: curveOf(radiiOf(attackable), attackable.length),
      },
      certificates: certificates.map((one, index) => ({ label: labels[index]!, ...one })),
      findings: await contradictions(step, { certificates, clean, base, sigma, rng }, context),
    };
    return { output, artifacts: [] };
  } finally {
    await base.dispose();
  }
}

/** The part that is certain at every radius where it falls; of many places a part, evenly, so that none is too high. */
function curveOf(radii: readonly number[], count: number): CertifiedPoint[] {
  if (count === 0) return [];
  const sorted = radii.toSorted((a, b) => a - b);
  const falls = sorted.flatMap((radius, i) => (sorted[i + 1] === radius ? [] : [radius]));
  const every = Math.max(1, Math.ceil(falls.length / POINTS));
  const kept = [...new Set([0, ...falls.filter((_, i) => i % every === 0 || i === falls.length - 1)])];
  return kept.map((radius) => {
    const { value, low, high } = wilson(sorted.filter((one) => one >= radius).length, count)!;
    return [radius, value, low, high];
  });
}
