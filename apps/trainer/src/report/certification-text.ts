import { accuracyAt, type Certification, type CertificationRequest } from '@rampart/experiments';
import { textTable } from '@rampart/reports';
import type { RunRecord } from '@rampart/results';

import { terminal } from '../terminal';

/** Radii of the table, in deviations of the noise. */
const STEPS = [0, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];

/** What is certain of smoothed models, for a terminal. */
export function certificationText(
  certifications: readonly Certification[],
  run: Pick<RunRecord, 'id' | 'name' | 'seeds'>,
  { samples, alpha }: Pick<CertificationRequest, 'samples' | 'alpha'>,
): string {
  const several = run.seeds.length > 1;
  const lines = [`Certified accuracy of ${run.name} (run ${run.id})`];
  for (const one of certifications) {
    const { model, seed, sigma, instances, abstained, curve } = one;
    lines.push(
      '',
      `${model}${several ? `, seed ${seed}` : ''}: ${instances} instances, noise of ${sigma}; no answer to ${percent(abstained)} of them`,
    );
    const farthest = curve.at(-1)!.radius;
    const radii = STEPS.map((step) => step * sigma).filter((radius) => radius <= farthest);
    const rows = radii.map((radius) => [`l2(${short(radius)})`, percent(accuracyAt(one, radius))]);
    lines.push(textTable(['within', 'certified accuracy'], rows, terminal()));
    lines.push(`Farthest certificate: l2(${short(farthest)}).`);
  }
  lines.push(
    '',
    `Of the classifier that answers by the vote of all noisy copies of an image. Each certificate rests on ${samples} copies and is wrong with a probability of ${alpha} at most; with more copies radii grow.`,
    '',
  );
  return lines.join('\n');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)}%`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
