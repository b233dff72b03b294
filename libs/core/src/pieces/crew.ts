import type { Board } from './board';

/** What a thread must know to do pieces of the same work: plain data and shared memory. */
export interface PieceJob {
  /** Which work it is: `training`, `attack`. */
  readonly kind: string;
  readonly data: unknown;
  /** Helpers that can find a piece to do, at most. */
  readonly helpers: number;
}

/** Threads that take a hand in a step's work while they have nothing else to do. */
export interface Crew {
  /** Shows them a board: from now on, any of them may take pieces from it. */
  call(job: PieceJob, board: Board): void;
}

/** An array of zeros in memory that threads share. */
export function sharedFloats(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

/** The same numbers in memory that threads share: the array itself where it lies there already. */
export function inSharedMemory<T extends Float32Array | Int32Array>(numbers: T): T {
  if (numbers.buffer instanceof SharedArrayBuffer) return numbers;
  const shared = new (numbers.constructor as new (buffer: SharedArrayBuffer) => T)(
    new SharedArrayBuffer(numbers.byteLength),
  );
  shared.set(numbers);
  return shared;
}

/** A copy of bytes in memory that threads share. */
export function sharedBytes(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
