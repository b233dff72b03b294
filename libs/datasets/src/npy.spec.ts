import fc from 'fast-check';

import { parseNpy } from './npy';

/** A .npy file as NumPy writes it. */
function npy(type: string, shape: readonly number[], data: Uint8Array, version = 1, order = 'False'): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${dims}), }`;
  const prefix = version === 1 ? 10 : 12;
  const header = dictionary.padEnd(Math.ceil((prefix + dictionary.length + 1) / 64) * 64 - prefix - 1) + '\n';
  const bytes = new Uint8Array(prefix + header.length + data.length);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(Buffer.from(header), prefix);
  bytes.set(data, prefix + header.length);
  return bytes;
}

const raw = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer);

describe('parseNpy', () => {
  it.each([
    ['|u1', Uint8Array.of(1, 255)],
    ['|i1', Int8Array.of(-1, 127)],
    ['<i2', Int16Array.of(-300, 300)],
    ['<u2', Uint16Array.of(0, 65535)],
    ['<i4', Int32Array.of(-70000, 70000)],
    ['<u4', Uint32Array.of(0, 4294967295)],
    ['<f4', Float32Array.of(-0.5, 0.25)],
    ['<f8', Float64Array.of(-0.1, 1e300)],
  ])('reads %s', (type, array) => {
    expect(Array.from(parseNpy(npy(type, [2], raw(array)), 'file').data)).toEqual(Array.from(array));
  });

  it('reads 64-bit integers as numbers', () => {
    expect(Array.from(parseNpy(npy('<i8', [2], raw(BigInt64Array.of(-5n, 9n))), 'file').data)).toEqual([-5, 9]);
  });

  it('reads every shape, in every version of the format, wherever in memory', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 2, 3),
        fc.nat(7),
        (shape, version, shift) => {
          const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 3);
          const bytes = npy('<f4', shape, raw(values), version);
          const shifted = new Uint8Array(bytes.length + shift);
          shifted.set(bytes, shift);
          const read = parseNpy(shifted.subarray(shift), 'file');
          expect(read.shape).toEqual(shape);
          expect(read.data).toEqual(values);
        },
      ),
      { seed: 4 },
    );
  });

  it('refuses every file that is cut short', () => {
    const whole = npy('<f4', [3], raw(Float32Array.of(1, 2, 3)));
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseNpy(whole.subarray(0, length), 'file')).toThrow(/^file: expected .* Received /);
    }
  });

  const data = new Uint8Array(8);
  it.each([
    ['something else', Buffer.from('PK\u0003\u0004 a zip file'), 'a NumPy file, which begins with \\x93NUMPY'],
    ['a version to come', npy('<f4', [2], data).with(6, 9), 'format version 1, 2 or 3. Received 9'],
    [
      'another type',
      npy('<f2', [4], data),
      'elements of one of the types |b1, |u1, |i1, <u2, <i2, <u4, <i4, <u8, <i8, <f4, <f8. Received <f2',
    ],
    [
      'column-major data',
      npy('<f4', [2], data, 1, 'True'),
      'row-major data. Received column-major data; convert with numpy.ascontiguousarray',
    ],
    [
      'bytes that follow',
      npy('<f4', [1], data),
      '4 bytes of data, as its shape (1) and type <f4 say. Received 8: the file is too long',
    ],
    [
      'a header without a shape',
      npy('<f4', [2], data).map((byte) => (byte === 0x73 ? 0x74 : byte)),
      "a header with 'descr', 'fortran_order' and 'shape'",
    ],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => parseNpy(bytes, 'file')).toThrow(
      expect.objectContaining({ code: 'bad-data', message: expect.stringContaining(message) }),
    );
  });
});
