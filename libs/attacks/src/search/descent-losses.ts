import type { AttackLoss } from '@rampart/core';
import { z } from 'zod';

/** Short names of the losses that look at all classes. */
export const DESCENT_LOSSES = {
  ce: 'cross-entropy',
  dlr: 'dlr',
  difference: 'margin',
} as const satisfies Record<string, AttackLoss>;

/** The parameter `loss` of attacks that follow gradients. */
export const lossParameter = () =>
  z
    .enum(Object.keys(DESCENT_LOSSES) as [keyof typeof DESCENT_LOSSES, ...(keyof typeof DESCENT_LOSSES)[]])
    .default('ce')
    .describe('What is lowered: the (negative) cross-entropy, the difference of logits ratio, or the difference.');
