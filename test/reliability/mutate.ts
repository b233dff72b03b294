import type { Rng } from '@rampart/core';

/** Numbers that readers are known to stumble over. */
const EXTREMES = [0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, -0x80000000, 2 ** 53];

type Mutation = (bytes: Buffer, rng: Rng) => Buffer;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flips(bytes, rng) {
    const copy = Buffer.from(bytes);
    for (let n = 1 + rng.integer(40); n > 0; n--) copy[rng.integer(copy.length)]! ^= 1 << rng.integer(8);
    return copy;
  },
  cut: (bytes, rng) => Buffer.from(bytes.subarray(0, rng.integer(bytes.length))),
  noise(bytes, rng) {
    const copy = Buffer.from(bytes);
    const [start, length] = span(copy, rng);
    for (let i = start; i < start + length; i++) copy[i] = rng.integer(256);
    return copy;
  },
  zeros(bytes, rng) {
    const [start, length] = span(bytes, rng);
    return Buffer.from(bytes).fill(0, start, start + length);
  },
  left(bytes, rng) {
    const [start, length] = span(bytes, rng);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
  },
  twice(bytes, rng) {
    const [start, length] = span(bytes, rng);
    return Buffer.concat([bytes.subarray(0, start + length), bytes.subarray(start)]);
  },
  extreme(bytes, rng) {
    const copy = Buffer.from(bytes);
    if (copy.length < 8) return copy;
    const number = BigInt.asIntN(64, BigInt(EXTREMES[rng.integer(EXTREMES.length)]!));
    const at = rng.integer(Math.min(copy.length - 8, rng.uniform() < 0.5 ? 400 : Infinity) + 1);
    if (rng.uniform() < 0.5) copy.writeBigInt64LE(number, at);
    else copy.writeBigInt64BE(number, at);
    return copy;
  },
};

/** Damages bytes in one of several ways. */
export function mutate(bytes: Buffer, rng: Rng): Buffer {
  const names = Object.keys(MUTATIONS);
  return MUTATIONS[names[rng.integer(names.length)]!]!(bytes, rng);
}

function span(bytes: Buffer, rng: Rng): [start: number, length: number] {
  const start = rng.integer(Math.max(1, bytes.length));
  return [start, 1 + rng.integer(Math.max(1, Math.min(bytes.length - start, 2000)))];
}
