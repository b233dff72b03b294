import { type AuditSubject, clipInPlace, defineAudit, featureCount, margin, NORMS, type Threat } from '@rampart/core';
import { z } from 'zod';

import { anyRobust } from './evidence/attacks-at';
import { type Gradients, gradientsAt } from './evidence/gradients-at';
import { median } from './evidence/median';
import { redrawn } from './evidence/redrawn';

/** Test images that tell whether the model draws random numbers. */
const REDRAWN = 16;

/** Draws of a smoothed gradient. */
const DRAWS = 8;

/**
 * A gradient that says how the margin falls at its own point and not around it, as of a model that oscillates within the
 * attack's reach ("shattered"): a step of a quarter of epsilon along it gains much less than it promises, and of the
 * gradients around little is left in the mean. Of sound models, adversarially trained ones too, a step gains at least
 * 0.9 of the promise (median), and the mean is as long as the gradient itself.
 */
export const finiteDifferences = defineAudit({
  name: 'finite-differences',
  summary: 'Steps along the gradient gain less than it promises, and gradients around it cancel out.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", section 3 (shattered gradients)',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(16).describe('Attackable instances that are looked at, at the most.'),
    step: z.number().positive().max(1).default(0.25).describe('Length of the step, in epsilon.'),
    ratio: z
      .number()
      .positive()
      .default(0.5)
      .describe('Below this, the median over instances, a step gains less than its gradient promises.'),
    left: z
      .number()
      .positive()
      .default(0.75)
      .describe('Below this part of its length, in the median, gradients around the instance cancel out.'),
  }),
  remedies: ['smoothed-gradient', 'straight-through', 'inverted-front', 'transfer', 'surrogate', 'black-box'],
  async inspect({ sample, step, ratio: least, left: shortest }, subject) {
    if (subject.estimated || (await redrawn(subject, REDRAWN)).differing > 0) return [];
    const found = await gradientsAt(subject, sample);
    if (!found) return [];
    const { norm, epsilon } = reach(subject);
    const length = step * epsilon;
    const drops = await dropsAlong(subject, { ...found, gradient: found.margin }, norm, length);
    const sloping = drops.filter(({ promised }) => promised > 0);
    const ratio = median(sloping.map(({ drop, promised }) => drop / promised));
    if (sloping.length === 0 || ratio >= least) return [];
    const left = await leftOfMean(subject, found, norm, length);
    if (left === undefined || left >= shortest) return [];
    return [
      {
        severity: anyRobust(subject) ? 'high' : 'low',
        summary: `A step of ${length.toPrecision(3)} in ${norm} along the gradient lowers the margin by ${ratio.toFixed(2)} of what the gradient promises (median of ${sloping.length} instances), and of the gradients around ${left.toFixed(2)} is left in the mean: they cancel out.`,
        evidence: { instances: sloping.length, ratio, left, step: length, norm },
      },
    ];
  },
});

/** How long the mean of the gradients around is, as a part of the gradient, in the median over instances. */
async function leftOfMean(
  subject: AuditSubject,
  { images, labels, margin: gradient }: Gradients,
  norm: Threat['norm'],
  length: number,
): Promise<number | undefined> {
  const features = featureCount(subject.shape);
  const radius = norm === 'linf' ? length : length / Math.sqrt(features);
  const smoothed = await subject.open({ smoothing: { radius, samples: DRAWS } });
  if (!smoothed) return undefined;
  const around = (await smoothed.lossGradient(images, labels, 'margin')).gradient;
  const dual = (slopes: Float32Array, i: number) => NORMS[norm].dual(slopes.subarray(i * features, (i + 1) * features));
  const parts = Array.from(labels, (_, i) => dual(around, i) / dual(gradient, i));
  return median(parts.filter((part) => Number.isFinite(part)));
}

/** The ball that steps are measured by. */
function reach({ threats, box }: AuditSubject): Threat {
  const threat = threats.find(({ norm }) => norm === 'linf' || norm === 'l2');
  return threat ?? { norm: 'linf', epsilon: (box.max - box.min) / 100 };
}

interface Slopes {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly gradient: Float32Array;
}

/** What a step along the steepest descent lowers the margin by, and what the gradient promises, of each instance. */
async function dropsAlong(
  subject: AuditSubject,
  { images, labels, gradient }: Slopes,
  norm: Threat['norm'],
  length: number,
): Promise<{ drop: number; promised: number }[]> {
  const features = featureCount(subject.shape);
  const moved = images.slice();
  const direction = new Float32Array(features);
  for (let i = 0; i < labels.length; i++) {
    NORMS[norm].steepest(gradient.subarray(i * features, (i + 1) * features), direction);
    for (let k = 0; k < features; k++) moved[i * features + k]! += length * direction[k]!;
  }
  clipInPlace(moved, subject.box);
  const model = await subject.verifier();
  const [before, after] = [await model.logits(images), await model.logits(moved)];
  return Array.from(labels, (label, i) => {
    let promised = 0;
    for (let k = i * features; k < (i + 1) * features; k++) promised -= gradient[k]! * (moved[k]! - images[k]!);
    const at = (logits: Float32Array) => margin(logits, i * model.classes, model.classes, label);
    return { drop: at(before) - at(after), promised };
  });
}
