import { RampartError } from '@rampart/core';

import { describe } from './attribute';
import type { Graph, Tensor } from './ir';
import { elementCount } from './tensor';

/** Elements that a value may have of which the file itself says how large it is: 1 GiB of float32. */
const MOST = 2 ** 28;

/** Operators that make a tensor as large as an input says, and which input it is. */
const SIZED: ReadonlyMap<string, number> = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
]);

/**
 * Refuses values that a few bytes of a file make as large as they like: ONNX Runtime makes those of constants when it
 * opens the model.
 * @throws RampartError `bad-model` that names the node
 */
export function refuseHugeValues({ nodes, initializers }: Graph): void {
  const constants = new Map<string, Tensor>(initializers);
  for (const node of nodes) {
    const { value } = node.attributes;
    if (node.op === 'Constant' && value?.type === 'tensor') constants.set(node.outputs[0]!, value.value);
    const input = SIZED.get(node.op);
    if (input === undefined || node.domain !== '') continue;
    const shape = constants.get(node.inputs[input] ?? '');
    if (shape?.type !== 'int64') continue;
    const count = elementCount(Array.from(shape.data as BigInt64Array, Number));
    if (count <= MOST) continue;
    throw new RampartError({
      code: 'bad-model',
      message: `${describe(node)} makes a tensor of ${count} elements; ${MOST} are the most that a value may have.`,
    });
  }
}
