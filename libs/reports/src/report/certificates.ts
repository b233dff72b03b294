import { formatNumber, wilson } from '@rampart/core';
import type { CertificateRecord, CertifiedPoint, RobustnessRecord, Store } from '@rampart/results';

import { type Measured, overSeeds } from './over-seeds';
import type { ReportTable } from './tables';

/** What is certain of one model, a seed. */
export type ReportedCertificate = Omit<CertificateRecord, 'runId' | 'step'>;

/** What is certain of the models of a run, in the order of its plan. */
export async function readCertificates(
  store: Pick<Store, 'certificates'>,
  runId: string,
): Promise<ReportedCertificate[]> {
  const records = await store.certificates.ofRun(runId);
  return records.map(({ runId: _run, step: _step, ...certificate }) => certificate);
}

/** Those of a model, where they are about as many instances as a figure of it, and so can stand beside it. */
export function ofSameInstances(
  certificates: readonly ReportedCertificate[],
  { model, instances }: Pick<ReportedCertificate, 'model' | 'instances'>,
): readonly ReportedCertificate[] {
  const own = certificates.filter((one) => one.model === model);
  return own.every((one) => one.instances === instances) ? own : [];
}

/** What rounding to float32 makes of a distance. */
const ROUNDING = 1e-6;

type Ball = Pick<RobustnessRecord, 'norm' | 'epsilon'>;

/**
 * The certified accuracy under a threat, over the seeds: that of the smallest l2 ball which all that the threat allows is
 * inside of. Undefined where a seed was not certified, or its noisy copies were too few to say anything of so large a ball.
 * @param of all instances that were certified, or those that could be attacked: what robust accuracy is a part of
 */
export function certifiedAccuracy(
  certificates: readonly ReportedCertificate[],
  threat: Ball,
  of: 'instances' | 'attackable',
): Measured | undefined {
  const seeds = certificates.flatMap((one) => {
    const radius = l2Radius(threat, one.features);
    const count = one[of];
    if (radius === undefined || radius > one.reach + ROUNDING || count === 0) return [];
    return [figureAt(of === 'instances' ? one.curve : one.attackableCurve, radius, count)];
  });
  return seeds.length < certificates.length ? undefined : overSeeds(seeds);
}

/** The radius of the l2 ball around another; undefined where there is none that would do. */
function l2Radius({ norm, epsilon }: Ball, features: number): number | undefined {
  switch (norm) {
    case 'l2':
    case 'l1':
      return epsilon;
    case 'linf':
      return epsilon * Math.sqrt(features);
    case 'l0':
      return undefined;
  }
}

/** What a curve has at a radius: what holds beyond the point before, up to and at the next. */
function figureAt(curve: readonly CertifiedPoint[], radius: number, count: number) {
  const point = curve.find(([to]) => to >= radius - ROUNDING);
  const [, value, low, high] = point ?? [radius, 0, 0, wilson(0, count)!.high];
  return { value, low, high, unit: 'fraction' };
}

/** The same curve as those of robust accuracy: a point holds from its own radius up to the next; the last one is nothing. */
export function certifiedStairs({ curve }: ReportedCertificate): CertifiedPoint[] {
  if (curve.length < 2) return [...curve];
  const figures = [...curve.slice(1).map(([, ...figure]) => figure), [0, 0, 0] as const];
  return curve.map(([radius], index) => [radius, ...figures[index]!]);
}

/** Radii of the table, in deviations of the noise. */
const STEPS = [0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];

/** Certified accuracy at some radii, a row a model; none where nothing was certified. */
export function certifiedTables(certificates: readonly ReportedCertificate[]): ReportTable[] {
  if (certificates.length === 0) return [];
  const sigma = Math.max(...certificates.map((one) => one.sigma));
  const farthest = Math.max(...certificates.flatMap(({ curve }) => curve.map(([radius]) => radius)));
  const radii = STEPS.map((step) => Number((step * sigma).toPrecision(4))).filter((radius) => radius <= farthest);
  const models = [...new Set(certificates.map(({ model }) => model))];
  return [
    {
      id: 'certified',
      title: 'Certified accuracy: right whatever is done within an l2 distance',
      note: `Of the first ${listOf(certificates, 'instances')} instances of the test set. Of the classifier that answers by the vote of all noisy copies of an image (Cohen et al. 2019); each certificate rests on ${listOf(certificates, 'samples')} copies and is wrong with a probability of ${listOf(certificates, 'alpha')} at most. With more copies radii grow. Attacks, whose figures are bounds from above, are made against the model's file, which asks fewer copies.`,
      ...({ metric: 'certified-accuracy', mode: 'clean', unit: 'fraction' } as const),
      columns: radii.map((radius) => `l2(${formatNumber(radius)})`),
      rows: models.map((model) => {
        const own = certificates.filter((one) => one.model === model);
        return {
          model,
          cells: radii.map((epsilon) => {
            const figure = certifiedAccuracy(own, { norm: 'l2', epsilon }, 'instances');
            return figure && { ...figure, mode: 'clean' as const, published: undefined, difference: undefined };
          }),
        };
      }),
    },
  ];
}

function listOf(certificates: readonly ReportedCertificate[], key: 'samples' | 'alpha' | 'instances'): string {
  return [...new Set(certificates.map((one) => String(one[key])))].join(' or ');
}
