import { bytesOf, checksum, sharedFloats } from '@rampart/core';

import { piecesOf, stateOf } from './kept-state';

/** A file that the pieces were written to, which begins somewhere in a buffer. */
function written(pieces: readonly Uint8Array[], offset: number): Uint8Array {
  return Buffer.concat([new Uint8Array(offset), ...pieces]).subarray(offset);
}

describe('the state that a checkpoint keeps', () => {
  const large = sharedFloats(2 ** 18 + 3);
  const others = Float32Array.from({ length: 2 ** 19 }, (_, i) => -i / 7);
  for (let i = 0; i < large.length; i++) large[i] = Math.sin(i);
  const state = {
    ...{ large, evaded: Uint8Array.of(1, 0, 1), odd: Uint8Array.from({ length: 2 ** 21 + 1 }, (_, i) => i) },
    nested: [{ others: others.subarray(5), places: Int32Array.of(-1, 2), name: 'round-1', missing: undefined }],
  };

  it.each([0, 32, 33])('comes back as it was, large arrays and small ones, from an offset of %d bytes', (offset) => {
    const back = stateOf(written(piecesOf(state), offset)) as typeof state;
    const [{ others: part, ...rest }] = back.nested as [(typeof state.nested)[0]];
    expect([rest, back.evaded]).toEqual([{ places: Int32Array.of(-1, 2), name: 'round-1' }, state.evaded]);
    const arrays = [back.large, back.odd, part];
    expect(arrays.map(({ constructor }) => constructor)).toEqual([Float32Array, Uint8Array, Float32Array]);
    const [before, after] = [[large, state.odd, others.subarray(5)], arrays].map((some) =>
      some.map(bytesOf).map(checksum),
    );
    expect(after).toEqual(before);
  });

  it('is told without a copy of large arrays of numbers', () => {
    const pieces = piecesOf({ large, others });
    expect(pieces.slice(2).map(({ buffer }) => buffer)).toEqual([large.buffer, others.buffer]);
    expect(pieces[1]!.length).toBeLessThan(200);
  });

  it('is none where a piece is missing', () => {
    const pieces = piecesOf(state);
    expect(() => stateOf(written(pieces.slice(0, -1), 0))).toThrow();
    expect(() => stateOf(written(pieces.slice(0, 1), 0))).toThrow();
  });
});
