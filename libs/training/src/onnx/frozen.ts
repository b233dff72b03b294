import { RampartError, unknownName } from '@rampart/core';
import type { Graph } from '@rampart/onnx';

/**
 * The weights that layers hold which are to stay as they are. A layer is named by one of its weights, by what the names
 * of its weights begin with (`features.0` of `features.0.weight`), or by its node.
 * @throws RampartError `usage` for a layer that has no weights to train, with the nearest that has
 */
export function frozenNames(
  graph: Graph,
  trainable: readonly string[],
  layers: readonly string[],
): ReadonlySet<string> {
  const frozen = new Set<string>();
  for (const layer of layers) {
    const nodes = graph.nodes.filter(({ name }) => name === layer);
    const held = trainable.filter(
      (name) =>
        name === layer ||
        ['.', '/', ':'].some((mark) => name.startsWith(layer + mark)) ||
        nodes.some(({ inputs }) => inputs.includes(name)),
    );
    if (held.length === 0) throw unknownName('layer to freeze:', layer, layersOf(trainable));
    for (const name of held) frozen.add(name);
  }
  if (trainable.length > 0 && frozen.size === trainable.length) {
    throw new RampartError({
      code: 'usage',
      message: `Nothing is left to train: every layer is frozen. Expected some of ${layersOf(trainable).join(', ')} to stay free.`,
    });
  }
  return frozen;
}

/** What names of weights begin with, up to their last mark. */
function layersOf(weights: readonly string[]): string[] {
  return [...new Set(weights.map((name) => name.replace(/[./:][^./:]*$/, '')))];
}
