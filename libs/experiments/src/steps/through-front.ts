import { type AuditedAttack, type ComponentSpec, imageBatch, type Threat } from '@rampart/core';
import { type Front, openFront } from '@rampart/models';

import { evadeThroughFront } from '../inverted-front';
import type { Subject } from './audit-subject';

/** Images that tell which inner value decides as the model does. */
const SAMPLE = 256;

/** What is tried behind a front, each on what the one before left. */
const ATTACKS: readonly ComponentSpec[] = [
  { name: 'apgd', params: { loss: 'ce' } },
  { name: 'apgd', params: { loss: 'targeted-difference' } },
];

/** Attacks some of the attacked instances behind the model's front; undefined where it has none. */
export async function throughFront(
  subject: Subject,
  threat: Threat,
  positions: Int32Array,
): Promise<AuditedAttack | undefined> {
  const front = threat.norm === 'l0' ? undefined : await frontOf(subject);
  if (!front) return undefined;
  try {
    const { box, shape, rng, signal, feasible, targets } = subject;
    const evasion = await evadeThroughFront({
      front,
      attacks: ATTACKS,
      verifier: await subject.verifier(),
      images: imageBatch(subject.images(positions), shape, box),
      labels: subject.labels(positions),
      ...(targets && { targets: positions.map((position) => targets[position]!) }),
      ...(feasible && { feasible }),
      threat,
      rng: rng.split('inverted front'),
      ...(signal && { signal }),
    });
    const { norm, epsilon } = threat;
    return subject.audited({ name: 'apgd', params: { norm, epsilon } }, evasion, positions);
  } finally {
    await front.dispose();
  }
}

/** With inner logits where there are some: behind them nothing saturates. */
async function frontOf({ file, box, test, features }: Subject): Promise<Front | undefined> {
  const images = test.images.data.subarray(0, SAMPLE * features);
  const backward = 'straight-through';
  const inner = await openFront(file, { box, images, view: { backward, logits: 'inner' } });
  return inner ?? openFront(file, { box, view: { backward } });
}
