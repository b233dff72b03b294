import { decodeNpy, messageOf, type NpyArray, RampartError } from '@rampart/core';
import { unzipSync } from 'fflate';

/** No byte of a deflated file can become more than so many. */
const MOST_INFLATED = 1032;

/**
 * The arrays of a NumPy .npz file by their names: a zip file of .npy files.
 * @param file what messages call it
 * @throws RampartError `bad-data` when it is no such file, is damaged, or claims to hold more than it can
 */
export function readNpz(bytes: Uint8Array, file: string): Map<string, NpyArray> {
  let entries;
  try {
    entries = unzipSync(bytes, {
      filter({ name, size, originalSize }) {
        // Room for the content is made before it is read.
        if (originalSize > Math.max(size, 1) * MOST_INFLATED || size > bytes.length) {
          throw new Error(`${quoted(name)} claims ${originalSize} bytes out of ${size}`);
        }
        return name.endsWith('.npy');
      },
    });
  } catch (error) {
    throw new RampartError({
      code: 'bad-data',
      message: `${file}: expected a zip file of NumPy arrays, as numpy.savez writes it. Received one that is damaged or no zip file (${messageOf(error)}).`,
      cause: error,
    });
  }
  const arrays = Object.entries(entries).map(
    ([name, content]) => [name.slice(0, -'.npy'.length), decodeNpy(content, `${file}, array ${quoted(name)}`)] as const,
  );
  return new Map(arrays);
}

/** A name out of a file that may be damaged. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
