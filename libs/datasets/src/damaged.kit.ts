import { isRampartError, messageOf, Rng } from '@rampart/core';

/** Copies of a file with some of it changed, cut off or put in, each from a seed. */
export function* mutants(file: Uint8Array, count: number, seed = 'mutants'): Generator<Uint8Array> {
  // A slice of a Buffer would be the file itself.
  const bytes = new Uint8Array(file);
  for (let turn = 0; turn < count; turn++) {
    const rng = Rng.root(`${seed} ${turn}`);
    const kind = turn % 4;
    if (kind === 0) {
      yield bytes.slice(0, rng.integer(bytes.length));
      continue;
    }
    const mutant = bytes.slice();
    const changes = 1 + rng.integer(kind === 1 ? 1 : 8);
    for (let k = 0; k < changes; k++) {
      // Half of them where files say what they are.
      const place = rng.integer(rng.integer(2) === 0 ? Math.min(256, mutant.length) : mutant.length);
      if (kind === 3)
        mutant.fill(rng.integer(2) === 0 ? 0xff : 0, place, Math.min(mutant.length, place + 1 + rng.integer(8)));
      else mutant[place] = rng.integer(256);
    }
    yield mutant;
  }
}

/** How reading damaged files ends, where all goes well: read all the same, or refused in one clear error. */
export interface Outcomes {
  readonly read: number;
  readonly refused: number;
}

/**
 * Reads every mutant.
 * @throws the first thing that is no clear error: of another class, without a reason, or of more than a line
 */
export async function readAll(files: Iterable<Uint8Array>, read: (bytes: Uint8Array) => unknown): Promise<Outcomes> {
  const outcomes = { read: 0, refused: 0 };
  for (const bytes of files) {
    try {
      await read(bytes);
      outcomes.read++;
    } catch (error) {
      const message = messageOf(error);
      if (!isRampartError(error) || (error.code !== 'bad-data' && error.code !== 'usage') || message.includes('\n')) {
        throw new Error(`A damaged file gave no clear error: ${message}`, { cause: error });
      }
      outcomes.refused++;
    }
  }
  return outcomes;
}
