import type { AuditSubject } from '@rampart/core';

/** What each use of gradients may take of the allowance. */
const SHARES = {
  gradients: 0.3,
  restarts: 0.25,
  epsilon: 0.2,
  targeted: 0.15,
  lost: 0.1,
} as const;

/** Gradients that a use may take, so that all audits together keep to the allowance. */
export function share({ allowance }: AuditSubject, use: keyof typeof SHARES): number {
  return allowance * SHARES[use];
}
