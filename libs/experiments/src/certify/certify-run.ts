import { type Dataset, RampartError, REJECTED, Rng, sliceBatch, type WorkOptions } from '@rampart/core';
import { openVerifier, smoothedModel } from '@rampart/models';
import type { ModelRecord, RunRecord, Store } from '@rampart/results';

import { parseExperiment } from '../experiment';
import { prepare } from '../prepare';
import { certifiedAccuracy, certify, type CertifyOptions } from './certify';

/** What is asked of a run's smoothed models. */
export interface CertificationRequest extends WorkOptions, Pick<CertifyOptions, 'selection' | 'samples' | 'alpha'> {
  /** The first instances of the test set. Default: all of them. */
  readonly limit?: number | undefined;
  readonly dataDir?: string | undefined;
}

/** What is certain of one smoothed model. */
export interface Certification {
  readonly model: string;
  readonly seed: number;
  readonly sigma: number;
  readonly instances: number;
  /** Part of the instances that it does not answer. */
  readonly abstained: number;
  /** For every radius at which it falls, the certified accuracy at it. */
  readonly curve: readonly { readonly radius: number; readonly accuracy: number }[];
  readonly certificates: readonly { readonly label: number; readonly prediction: number; readonly radius: number }[];
}

/**
 * Certifies the smoothed models of a run on its test set: each is taken for the classifier that answers by the vote of
 * all noisy copies of an image, of which its own answer is a sample.
 * @throws RampartError `usage` for a run without smoothed models
 */
export async function certifyRun(
  store: Pick<Store, 'models' | 'artifacts'>,
  run: RunRecord,
  { limit = Infinity, dataDir, signal, onProgress, ...options }: CertificationRequest,
): Promise<Certification[]> {
  const smoothed: { readonly record: ModelRecord; readonly behind: NonNullable<ReturnType<typeof smoothedModel>> }[] =
    [];
  for (const record of await store.models.ofRun(run.id)) {
    const behind = smoothedModel(await store.artifacts.read({ checksum: record.artifact, extension: 'onnx' }));
    if (behind) smoothed.push({ record, behind });
  }
  if (smoothed.length === 0) throw nothingSmoothed(run);
  const experiment = parseExperiment(run.experiment, `the experiment of run ${run.id}`);
  const { dataset } = await prepare(experiment, {
    engine: run.engine,
    ...(signal && { signal }),
    ...(dataDir !== undefined && { dataDir }),
  });
  const made: Certification[] = [];
  for (const [index, { record, behind }] of smoothed.entries()) {
    made.push(
      await certification(record, behind, dataset, {
        ...{ ...options, limit, signal },
        onProgress: ({ done, total, unit }) =>
          onProgress?.({
            done: index + done / total,
            total: smoothed.length,
            unit: 'models',
            detail: `${record.label}: ${done} of ${total} ${unit}`,
          }),
      }),
    );
  }
  return made;
}

async function certification(
  { label, seed }: ModelRecord,
  { model, sigma }: NonNullable<ReturnType<typeof smoothedModel>>,
  { test, box }: Dataset,
  { limit, ...options }: Omit<CertifyOptions, 'sigma' | 'rng'> & { readonly limit: number },
): Promise<Certification> {
  const instances = Math.min(limit, test.images.count);
  const labels = test.labels.subarray(0, instances);
  const base = await openVerifier(model, { box });
  try {
    const rng = Rng.root(seed).split('certificates');
    const certificates = await certify(base, sliceBatch(test.images, 0, instances), { ...options, sigma, rng });
    const right = certificates.filter(({ prediction }, i) => prediction === labels[i]);
    const radii = [...new Set([0, ...right.map(({ radius }) => radius)])].toSorted((a, b) => a - b);
    return {
      ...{ model: label, seed, sigma, instances },
      abstained: certificates.filter(({ prediction }) => prediction === REJECTED).length / instances,
      curve: radii.map((radius) => ({ radius, accuracy: certifiedAccuracy(certificates, labels, radius) })),
      certificates: certificates.map((one, i) => ({ label: labels[i]!, ...one })),
    };
  } finally {
    await base.dispose();
  }
}

/** The certified accuracy at a radius, by its curve. */
export function accuracyAt({ curve }: Pick<Certification, 'curve'>, radius: number): number {
  return curve.find((point) => point.radius >= radius)?.accuracy ?? 0;
}

function nothingSmoothed({ id }: RunRecord): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The run ${id} has no smoothed model to certify. Name one with the defense randomised-smoothing, made by this version.`,
  });
}
