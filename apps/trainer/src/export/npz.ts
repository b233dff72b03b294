import { encodeNpy, type NpyArray } from '@rampart/results';
import { zipSync } from 'fflate';

/** The earliest time that a zip file can have: equal arrays give equal bytes. */
const TIME = new Date(1980, 0, 1);

/** Arrays by name as NumPy's .npz: a zip file of .npy files. */
export function npz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, { data, shape }]) => [`${name}.npy`, encodeNpy(data, shape)]);
  return zipSync(Object.fromEntries(files) as Record<string, Uint8Array>, { mtime: TIME });
}
