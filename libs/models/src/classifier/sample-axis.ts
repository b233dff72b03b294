import type { Model } from '@rampart/onnx';

/**
 * The first axis of what a model is fed besides its input: named as the input's. ONNX Runtime takes axes of two names
 * for different: it would know no size of what is computed from both, reuse no memory for it, and look through all that
 * it has given up, which takes the square of the nodes.
 */
export function sampleAxis({ graph }: Model, batch: number | undefined): number | string {
  const named = graph.inputs[0]?.dims?.[0];
  return batch ?? (typeof named === 'string' ? named : 'batch');
}
