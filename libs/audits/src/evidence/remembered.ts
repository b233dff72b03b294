import type { AuditSubject } from '@rampart/core';

/** By the figure's own list of instances, which is the same object however the subject is handed on. */
const known = new WeakMap<Int32Array, Map<string, Promise<unknown>>>();

/** What several audits compute of one figure alike, computed once. The key names what is computed. */
export function remembered<T>({ attackable }: AuditSubject, key: string, compute: () => Promise<T>): Promise<T> {
  let values = known.get(attackable);
  if (!values) known.set(attackable, (values = new Map()));
  let value = values.get(key) as Promise<T> | undefined;
  if (!value) values.set(key, (value = compute()));
  return value;
}
