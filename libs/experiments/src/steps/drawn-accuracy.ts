import { attacks as registry } from '@rampart/attacks';
import { type AuditedAttack, type ComponentSpec, decisionOf, NORMS, type Threat } from '@rampart/core';

import type { Subject } from './audit-subject';
import type { DrawnAccuracy } from './outputs';
import { isWithin } from './within-threat';

/** Draws that an attack's answers are the mean of (EOT), and the losses that it follows, one run each. */
const SAMPLES = 20;
const LOSSES = ['ce', 'difference'];
const STEPS = 20;

/** Draws that each example is judged by: the accuracy of one instance has a standard error of at most 0.06. */
const DRAWS = 64;

/**
 * The accuracy of a model that draws random numbers: each image is judged many times, each attacked instance by the
 * example within the threat that is right the least often, among those of the run and of an attack on the expectation
 * over draws (Athalye et al. 2018, section 4.1). Being the least of several counts, it errs on the low side.
 */
export async function drawnAccuracy(
  subject: Subject,
  threat: Threat,
  place: number,
): Promise<{
  readonly accuracy: DrawnAccuracy;
  /** The attack's label. */
  readonly attack: string;
  readonly evaluations: { readonly gradientEvaluations: number; readonly forwardEvaluations: number };
}> {
  const { features, attacked, test } = subject;
  const positions = Int32Array.from(attacked.keys());
  const specs = averagedAttacks(threat);
  const averaged: AuditedAttack[] = [];
  for (const spec of specs) {
    const result = await subject.attack(spec, positions);
    if (result) averaged.push(result);
  }
  const originals = subject.images(positions);
  const least = new Float64Array(attacked.length).fill(1);
  let forwardEvaluations = averaged.reduce((sum, one) => sum + one.forwardEvaluations, 0);
  const judge = async (examples: Float32Array) => {
    const right = await rightShares(subject, examples, subject.labels(positions));
    forwardEvaluations += DRAWS * positions.length;
    for (const position of positions) {
      const distance = NORMS[threat.norm].distance(examples, originals, position * features, features);
      if (isWithin(distance, threat.epsilon)) least[position] = Math.min(least[position]!, right[position]!);
    }
  };
  await judge(originals);
  for (const result of [...subject.attacks, ...averaged]) await judge(await result.examples(positions));
  const clean = await rightShares(subject, test.images.data, test.labels);
  const robust = clean.slice();
  attacked.forEach((index, position) => (robust[index] = Math.min(clean[index]!, least[position]!)));
  return {
    accuracy: { threat: place, draws: DRAWS, robustAccuracy: mean(robust), cleanAccuracy: mean(clean) },
    attack: specs.map((spec) => registry.resolve(spec).label).join(', '),
    evaluations: {
      gradientEvaluations: averaged.reduce((sum, one) => sum + one.gradientEvaluations, 0),
      forwardEvaluations,
    },
  };
}

/** They go on after the first example: that one evades in half of the draws only. */
function averagedAttacks({ norm, epsilon }: Threat): readonly ComponentSpec[] {
  if (norm === 'l0') return [{ name: 'sigma-zero', params: { samples: SAMPLES } }];
  return LOSSES.map((loss) => ({
    name: 'pgd',
    params: { norm, epsilon, loss, steps: STEPS, samples: SAMPLES, earlyStop: false },
  }));
}

/** Of each image the part of the draws in which it is right. */
async function rightShares(subject: Subject, images: Float32Array, labels: Int32Array): Promise<Float64Array> {
  const verifier = await subject.verifier();
  const right = new Float64Array(labels.length);
  for (let draw = 0; draw < DRAWS; draw++) {
    const logits = await verifier.logits(images);
    labels.forEach((label, row) => {
      if (decisionOf(logits, row * verifier.classes, verifier) === label) right[row]! += 1 / DRAWS;
    });
  }
  return right;
}

function mean(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
