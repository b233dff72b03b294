import type { Attack } from '@rampart/core';

/** Gradient steps of an attack on one instance: 1 for one step, Infinity where it says nothing about them. */
export function stepsOf({ definition, params }: Attack): number {
  if (definition.name === 'fgs') return 1;
  const { steps, iterations } = params as { readonly steps?: unknown; readonly iterations?: unknown };
  const given = steps ?? iterations;
  return typeof given === 'number' ? given : Infinity;
}
