/**
 * How a weight is rearranged between tfjs and ONNX: the element of tfjs that stands at each position of ONNX.
 * Undefined means that nothing moves.
 */
export type Permutation = Int32Array;

/** For every position of a [channels, height, width] row the position in tfjs's [height, width, channels] row. */
export function channelsLastOrder(height: number, width: number, channels: number): Permutation | undefined {
  if (channels === 1 || height * width === 1) return undefined;
  const order = new Int32Array(height * width * channels);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let pixel = 0; pixel < height * width; pixel++) order[at++] = pixel * channels + c;
  }
  return order;
}

/** For every position of an OIHW kernel the position in tfjs's HWIO one. */
export function kernelOrder(height: number, width: number, inputs: number, outputs: number): Permutation {
  const order = new Int32Array(height * width * inputs * outputs);
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let pixel = 0; pixel < height * width; pixel++) order[at++] = (pixel * inputs + i) * outputs + o;
    }
  }
  return order;
}

/** The permutation of a row-major [rows, columns] matrix that permutes its rows. */
export function rowOrder(rows: Permutation | undefined, columns: number): Permutation | undefined {
  if (!rows) return undefined;
  const order = new Int32Array(rows.length * columns);
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns; column++) order[row * columns + column] = rows[row]! * columns + column;
  }
  return order;
}

/** values[order[i]] for every i. */
export function permuted(values: Float32Array, order: Permutation | undefined): Float32Array {
  return order ? Float32Array.from(order, (source) => values[source]!) : Float32Array.from(values);
}

/** The inverse of a permutation. */
export function inverse(order: Permutation): Permutation {
  const result = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) result[order[i]!] = i;
  return result;
}
