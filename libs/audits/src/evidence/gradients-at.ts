import type { AuditSubject, LossGradient } from '@rampart/core';

import { labelsAt } from './labels-at';
import { remembered } from './remembered';
import { share } from './share';
import { spread } from './spread';

/** Instances that are looked at however little may be spent. */
const FEWEST = 8;

/** The gradients of both kinds of loss at some of the attackable instances. */
export interface Gradients {
  /** Positions of the instances, in ascending order. */
  readonly positions: Int32Array;
  readonly labels: Int32Array;
  /** [positions, features] */
  readonly images: Float32Array;
  readonly crossEntropy: LossGradient;
  readonly margin: LossGradient;
}

/**
 * The gradients that attacks on the figure's model begin with, at up to `sample` attackable instances, fewer where
 * little may be spent. Several audits look at the same ones: they are computed once a subject.
 * @returns undefined where nothing can be attacked, or the model cannot be opened
 */
export function gradientsAt(subject: AuditSubject, sample: number): Promise<Gradients | undefined> {
  return remembered(subject, `gradients ${sample}`, () => compute(subject, sample));
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
    crossEntropy: await model.lossGradient(images, labels, 'cross-entropy'),
    margin: await model.lossGradient(images, labels, 'margin'),
  };
}
