import { intOf } from './attribute';
import type { Node } from './ir';

/** Whether a node normalises by the mean and the variance of the batch that it is given. */
export function takesBatchStatistics(node: Node): boolean {
  return node.op === 'BatchNormalization' && node.domain === '' && intOf(node, 'training_mode', 0) === 1;
}
