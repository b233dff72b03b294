/**
 * softmax(logits / temperature) of every row of logits [count, classes]: class probabilities, in double precision.
 * A row's largest logit is taken off first, so that none overflows; a row with NaN gives NaN.
 * @param temperature above 1 evens the probabilities out, below 1 sharpens them
 * @see Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network", equation 1
 */
export function softmax(logits: Float32Array, classes: number, temperature = 1): Float64Array {
  const result = new Float64Array(logits.length);
  for (let offset = 0; offset < logits.length; offset += classes) {
    const row = result.subarray(offset, offset + classes);
    const largest = logits.subarray(offset, offset + classes).reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (let j = 0; j < row.length; j++) {
      row[j] = Math.exp((logits[offset + j]! - largest) / temperature);
      sum += row[j]!;
    }
    for (let j = 0; j < row.length; j++) row[j]! /= sum;
  }
  return result;
}
