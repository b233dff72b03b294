import fc from 'fast-check';

import { bytesOf, canonicalJson, checksum, contentKey, numbersIn } from './content-key';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
};

describe('canonicalJson', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 1 },
    );
  });

  it('tells different values apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.stringify(shuffled(shuffled(a))) === JSON.stringify(shuffled(shuffled(b)));
        if (same) expect(contentKey(a)).toBe(contentKey(b));
        else if (canonicalJson(a) !== canonicalJson(b)) expect(contentKey(a)).not.toBe(contentKey(b));
      }),
      { seed: 2 },
    );
    expect(contentKey([1, 2])).not.toBe(contentKey([2, 1]));
    expect(contentKey({ a: NaN })).not.toBe(contentKey({ a: null }));
  });

  it.each([
    [{ a: new Map([[1, 2]]) }, 'Received a Map as "a"'],
    [new Set([1]), 'Received a Set.'],
    [{ run: () => 1 }, 'Received a function as "run"'],
  ])('refuses what JSON would make nothing of: %p', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    );
  });
});

it('contentKey has 32 hexadecimal digits', () => {
  expect(contentKey({ any: 'thing' })).toMatch(/^[0-9a-f]{32}$/);
});

it('checksum is SHA-256', () => {
  // FIPS 180-2, appendix B.1.
  expect(checksum(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(checksum([Buffer.from('a'), Buffer.from('bc')])).toBe(checksum(Buffer.from('abc')));
});

it('bytesOf sees the part of the memory that the array sees', () => {
  const view = Float32Array.of(0, 1, 2).subarray(1, 2);
  expect(bytesOf(view)).toEqual(Uint8Array.of(0, 0, 128, 63));
});

it.each([
  ['where they lie', 8, true],
  ['in a copy where such numbers cannot begin there', 6, false],
])('numbersIn has the numbers %s', (_, offset, inPlace) => {
  const bytes = new Uint8Array(24);
  bytes.set(bytesOf(Float32Array.of(1.5, -2, 0.25)), offset);
  const numbers = numbersIn(Float32Array, bytes.subarray(offset, offset + 12));
  expect([...numbers]).toEqual([1.5, -2, 0.25]);
  expect(numbers.buffer === bytes.buffer).toBe(inPlace);
});

it('numbersIn copies what threads share', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  expect(numbersIn(Float32Array, shared).buffer).toBeInstanceOf(ArrayBuffer);
});
