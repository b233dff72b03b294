import { RampartError } from '@rampart/core';
import type { Model } from '@rampart/onnx';

/** Nodes of a model together with its gradient: ONNX Runtime's time to open it grows faster than they do. */
const MOST_NODES = 30_000;

/** @throws RampartError `bad-model` for a differentiated model that ONNX Runtime would not open in good time */
export function refuseTooManyNodes({ graph }: Model): void {
  const { length } = graph.nodes;
  if (length <= MOST_NODES) return;
  throw new RampartError({
    code: 'bad-model',
    message: `The model has ${length} nodes together with its gradient; ${MOST_NODES} are the most that ONNX Runtime opens in good time. Simplify it, or attack it at a value nearer to its output (--attack-at).`,
  });
}
