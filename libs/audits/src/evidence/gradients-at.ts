import type { AuditSubject } from '@rampart/core';

import { labelsAt } from './labels-at';
import { remembered } from './remembered';
import { share } from './share';
import { spread } from './spread';

/** Instances that are looked at however little may be spent. */
const FEWEST = 8;

/** Instances that are looked at for all audits together. */
const SHARED = 64;

/** The gradients of both kinds of loss at some of the attackable instances. */
export interface Gradients {
  /** Positions of the instances, in ascending order. */
  readonly positions: Int32Array;
  readonly labels: Int32Array;
  /** [positions, features], and so are the gradients. */
  readonly images: Float32Array;
  readonly crossEntropy: Float32Array;
  readonly margin: Float32Array;
}

/**
 * The gradients that attacks on the figure's model begin with, at up to `sample` attackable instances, fewer where
 * little may be spent. What several audits look at is computed once a figure.
 * @returns undefined where nothing can be attacked, or the model cannot be opened
 */
export async function gradientsAt(subject: AuditSubject, sample: number): Promise<Gradients | undefined> {
  const most = Math.max(sample, SHARED);
  const all = await remembered(subject, `gradients ${most}`, () => compute(subject, most));
  return all && some(all, sample);
}

async function compute(subject: AuditSubject, sample: number): Promise<Gradients | undefined> {
  const affordable = Math.max(FEWEST, share(subject, 'gradients') / 2);
  const positions = spread(subject.attackable, Math.min(sample, affordable));
  const model = positions.length === 0 ? undefined : await subject.open();
  if (!model) return undefined;
  const images = subject.images(positions);
  const labels = labelsAt(subject, positions);
  return {
    ...{ positions, labels, images },
    crossEntropy: (await model.lossGradient(images, labels, 'cross-entropy')).gradient,
    margin: (await model.lossGradient(images, labels, 'margin')).gradient,
  };
}

/** The rows of at most so many of the instances. */
function some({ positions, labels, images, crossEntropy, margin }: Gradients, sample: number): Gradients {
  const rows = spread(Int32Array.from(positions.keys()), sample);
  const features = images.length / positions.length;
  const of = (values: Float32Array) => {
    const result = new Float32Array(rows.length * features);
    rows.forEach((row, i) => result.set(values.subarray(row * features, (row + 1) * features), i * features));
    return result;
  };
  return {
    positions: rows.map((row) => positions[row]!),
    labels: rows.map((row) => labels[row]!),
    ...{ images: of(images), crossEntropy: of(crossEntropy), margin: of(margin) },
  };
}
