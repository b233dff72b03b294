import type { AuditSubject } from '@rampart/core';

import { remembered } from './remembered';
import { spread } from './spread';

/** Images asked about twice. */
export interface Redrawn {
  readonly images: number;
  /** Of them, those with other logits the second time. */
  readonly differing: number;
  /** The largest difference of a logit. */
  readonly largest: number;
}

/** Asks one session about the same test images twice. Computed once a subject. */
export function redrawn(subject: AuditSubject, sample: number): Promise<Redrawn> {
  return remembered(subject, `redrawn ${sample}`, () => compute(subject, sample));
}

async function compute(subject: AuditSubject, sample: number): Promise<Redrawn> {
  const positions = spread(
    Int32Array.from(subject.attacked, (_, position) => position),
    sample,
  );
  if (positions.length === 0) return { images: 0, differing: 0, largest: 0 };
  const images = subject.images(positions);
  const model = await subject.verifier();
  const [first, second] = [await model.logits(images), await model.logits(images)];
  const apart = new Float64Array(positions.length);
  for (let k = 0; k < first.length; k++) {
    const image = Math.floor(k / model.classes);
    apart[image] = Math.max(apart[image]!, Math.abs(first[k]! - second[k]!));
  }
  return {
    images: positions.length,
    differing: apart.filter((difference) => difference > 0).length,
    largest: Math.max(...apart),
  };
}
