import { RampartError } from './error';
import { decodeNpyFloat32, encodeNpy } from './npy';

/** How the loss of each of several instances fell while an attack searched: what `LossTrace` noted. */
export interface LossPaths {
  /** Evaluations of the model after which losses were noted, ascending from 0. */
  readonly evaluations: readonly number[];
  /** [instances, evaluations.length], row-major */
  readonly losses: Float32Array;
}

/** The paths of several sets of instances, one after the other; one that ended before the longest keeps its last loss. */
export function joinLossPaths(parts: readonly LossPaths[]): LossPaths {
  const { evaluations } = parts.reduce((a, b) => (b.evaluations.length > a.evaluations.length ? b : a));
  const width = evaluations.length;
  const rows = parts.flatMap((part) => rowsOf(part));
  const losses = new Float32Array(rows.length * width);
  rows.forEach((row, index) => {
    losses.fill(row.at(-1)!, index * width, (index + 1) * width);
    losses.set(row, index * width);
  });
  return { evaluations, losses };
}

/** The paths of some of the instances, in the order in which they are named. */
export function takeLossPaths(paths: LossPaths, instances: readonly number[]): LossPaths {
  const rows = rowsOf(paths);
  const width = paths.evaluations.length;
  const losses = new Float32Array(instances.length * width);
  instances.forEach((instance, index) => losses.set(rows[instance]!, index * width));
  return { evaluations: paths.evaluations, losses };
}

/** A .npy file of float32: the evaluations as its first row, then a row an instance. */
export function encodeLossPaths({ evaluations, losses }: LossPaths): Uint8Array {
  const width = evaluations.length;
  const data = new Float32Array(width + losses.length);
  data.set(evaluations);
  data.set(losses, width);
  return encodeNpy(data, [data.length / width, width]);
}

/** @throws RampartError `bad-data` where the bytes are no such file */
export function decodeLossPaths(bytes: Uint8Array): LossPaths {
  const { shape, data } = decodeNpyFloat32(bytes);
  const width = shape[1] ?? 0;
  if (shape.length !== 2 || width === 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `Expected losses as a table of rows. Received an array of shape [${shape.join(', ')}].`,
    });
  }
  return { evaluations: [...data.subarray(0, width)], losses: data.slice(width) };
}

function rowsOf({ evaluations: { length: width }, losses }: LossPaths): Float32Array[] {
  return Array.from({ length: losses.length / width }, (_, row) => losses.subarray(row * width, (row + 1) * width));
}
