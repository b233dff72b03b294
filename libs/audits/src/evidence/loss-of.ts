import type { Attack } from '@rampart/core';

/** Attacks without a parameter for it that follow the cross-entropy and nothing else. */
const CROSS_ENTROPY = ['fgs', 'lbfgs'];

/** Whether an attack follows the cross-entropy and no other loss. */
export function crossEntropyAlone({ definition, params }: Attack): boolean {
  const { loss } = params as { readonly loss?: unknown };
  return loss === 'ce' || (loss === undefined && CROSS_ENTROPY.includes(definition.name));
}
