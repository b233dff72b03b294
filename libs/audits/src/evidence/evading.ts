import type { AuditedAttack, AuditSubject } from '@rampart/core';

/** Positions of attackable instances whose example evades. */
export function evading({ attackable }: AuditSubject, { evades }: AuditedAttack): Int32Array {
  return attackable.filter((position) => evades[position] === 1);
}
