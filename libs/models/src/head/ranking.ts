import type { Reading } from './reading';

/** Operators that change the scores of a row and leave each in its place. */
const IN_PLACE = new Set([
  ...['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'],
  ...['Softmax', 'LogSoftmax', 'Sigmoid', 'Exp', 'Log', 'Clip', 'Mul', 'Div', 'Add', 'Sub', 'Round'],
]);

/** Whether the columns of a value are places in an order by size, as TopK makes them, and no classes. */
export function isRanking(reading: Reading, name: string): boolean {
  let value: string | undefined = name;
  while (value !== undefined) {
    const node = reading.producer(value);
    if (!node || node.domain !== '') return false;
    if (node.op === 'TopK') return node.outputs[0] === value;
    if (!IN_PLACE.has(node.op)) return false;
    value = node.inputs.find((input) => reading.producer(input));
  }
  return false;
}
