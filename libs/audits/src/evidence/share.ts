import type { AuditSubject } from '@rampart/core';

/** What each use of gradients may take of the allowance. */
const SHARES = {
  gradients: 0.15,
  restarts: 0.3,
  epsilon: 0.2,
  targeted: 0.2,
  lost: 0.15,
} as const;

/** Gradients that a use may take, so that all audits together keep to the allowance. */
export function share({ allowance }: AuditSubject, use: keyof typeof SHARES): number {
  return allowance * SHARES[use];
}
