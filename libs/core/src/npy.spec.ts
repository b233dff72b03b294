import { execFileSync } from 'node:child_process';

import fc from 'fast-check';

import { decodeNpy, decodeNpyFloat32, emptyNpy, encodeNpy, type NpyData, npyNumbers } from './npy';

const ARRAYS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
] as const;

describe('the .npy format', () => {
  it('gives back what was written, at any shape and type', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
        fc.constantFrom(...ARRAYS),
        fc.integer(),
        (shape, TypedArray, start) => {
          const size = shape.reduce((product, one) => product * one, 1);
          const data: NpyData = new TypedArray(Array.from({ length: size }, (_, i) => start + i * 3));
          const { shape: readShape, data: read } = decodeNpy(encodeNpy(data, shape));
          expect(readShape).toEqual(shape);
          expect(read).toEqual(data);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('keeps every bit of a float', () => {
    const data = Float32Array.of(NaN, Infinity, -0, 1e-45, 3.4028235e38);
    expect(decodeNpyFloat32(encodeNpy(data, [5])).data).toEqual(data);
  });

  it('is filled in place, and is then the file of what it was filled with', () => {
    const file = emptyNpy([3, 2]);
    expect(file.bytes).toEqual(encodeNpy(new Float32Array(6), [3, 2]));
    file.data.set([1, -2, 0.5, 4, NaN, 6]);
    expect(file.bytes).toEqual(encodeNpy(Float32Array.of(1, -2, 0.5, 4, NaN, 6), [3, 2]));
  });

  it('reads from a place in memory where no float could begin', () => {
    const bytes = encodeNpy(Float32Array.of(1, 2), [2]);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeNpyFloat32(shifted.subarray(1)).data).toEqual(Float32Array.of(1, 2));
  });

  it('reads versions 2 and 3, whose heads may be longer', () => {
    const first = encodeNpy(Float32Array.of(1, 2), [2]);
    for (const version of [2, 3]) {
      const bytes = new Uint8Array(first.length + 2);
      bytes.set(first.subarray(0, 8));
      bytes.set(first.subarray(8, 10), 8);
      bytes.set(first.subarray(10), 12);
      bytes[6] = version;
      expect(decodeNpyFloat32(bytes).data).toEqual(Float32Array.of(1, 2));
    }
    expect(() => decodeNpy(first.with(6, 9), 'images.npy')).toThrow(/^images\.npy: A \.npy file of version 9/);
  });

  it('reads 64-bit integers and truth values as numbers', () => {
    expect(Array.from(npyNumbers(decodeNpy(encodeNpy(BigInt64Array.of(-5n, 9n), [2]))))).toEqual([-5, 9]);
    const unsigned = new BigUint64Array([7n]);
    expect(Array.from(npyNumbers(decodeNpy(encodeNpy(unsigned, [1]))))).toEqual([7]);
    const bytes = Buffer.from(encodeNpy(Uint8Array.of(0, 1), [2]))
      .toString('latin1')
      .replace('|u1', '|b1');
    expect(Array.from(npyNumbers(decodeNpy(Buffer.from(bytes, 'latin1'))))).toEqual([0, 1]);
  });

  it('begins the elements at a multiple of 64 bytes, whatever the shape', () => {
    for (const shape of [[], [1], [1, 1, 1, 1], new Array<number>(60).fill(1)]) {
      expect((encodeNpy(Float32Array.of(1), shape).length - 4) % 64).toBe(0);
    }
  });

  it('refuses what is no such file, cut off, too long, or of another kind, and says why', () => {
    const bytes = encodeNpy(Float32Array.of(1, 2), [2]);
    const message = (broken: Uint8Array): string => {
      try {
        decodeNpy(broken);
      } catch (error) {
        expect(error).toMatchObject({ name: 'RampartError', code: 'bad-data' });
        return (error as Error).message;
      }
      throw new Error('It was read.');
    };
    for (let length = 0; length < bytes.length; length++) message(bytes.subarray(0, length));
    expect(message(Buffer.from('\x89PNG\r\n\x1a\n0000'))).toMatch(/Not a \.npy file/);
    expect(message(Buffer.concat([bytes, Buffer.of(0)]))).toMatch(/should have 136 bytes and has 137/);
    const edited = (from: string, to: string) =>
      Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1');
    expect(message(edited('<f4', '>f4'))).toMatch(/type ">f4"/);
    expect(message(edited('False', 'True '))).toMatch(/column-major/);
    expect(message(edited("'shape'", "'sha_e'"))).toMatch(/cannot be read/);
    expect(() => decodeNpyFloat32(encodeNpy(Int32Array.of(1), [1]))).toThrow(/Int32Array/);
    expect(() => encodeNpy(Float32Array.of(1), [2])).toThrow(/2 elements and the data 1/);
  });

  it('never does anything but refuse a damaged head', () => {
    const bytes = encodeNpy(Float32Array.of(1, 2, 3, 4), [2, 2]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 255 }), (place, value) => {
        const damaged = bytes.slice();
        damaged[place] = value;
        try {
          expect(decodeNpy(damaged).data.byteLength).toBe(16);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-data' });
        }
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  const numpy = (() => {
    try {
      execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();

  (numpy ? it : it.skip)('is read by NumPy as it was written', () => {
    const bytes = encodeNpy(Float32Array.of(1.5, -2, 3, 4, 5, 6), [2, 3]);
    const printed = execFileSync(
      'python3',
      [
        '-c',
        'import numpy,sys,io; a=numpy.load(io.BytesIO(sys.stdin.buffer.read())); print(a.shape, a.dtype, a.tolist())',
      ],
      { input: bytes, encoding: 'utf8' },
    );
    expect(printed.trim()).toBe('(2, 3) float32 [[1.5, -2.0, 3.0], [4.0, 5.0, 6.0]]');
  });
});
