import type { AuditedAttack, Threat } from '@rampart/core';

import type { Subject } from './audit-subject';

export function throughFront(
  _subject: Subject,
  _threat: Threat,
  _positions: Int32Array,
): Promise<AuditedAttack | undefined> {
  return Promise.resolve(undefined);
}
