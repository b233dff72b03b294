import type { Pieces } from './pieces';

/**
 * Where the threads that share some work see what is to be done: a few numbers in shared memory, changed atomically.
 * A round is a number of pieces; the owner of the work opens one after the other.
 */
export type Board = Int32Array<SharedArrayBuffer>;

/** The round, and how many of its pieces nobody has taken: one number, so that both are read and changed at once. */
const OPEN = 0;
const PIECES = 1;
const DONE = 2;
/** 1 once there will be no more rounds. */
const CLOSED = 3;
/** 1 once a helper has failed, perhaps with a piece half done. */
const LOST = 4;
/** Helpers that are wanted elsewhere. */
const LEAVE = 5;

const SIZE = 6;
/** The part of OPEN that counts pieces. */
const COUNT = 0xfff;
const ROUNDS = 2 ** 18;

/** Pieces of a round at most. */
export const MOST_PIECES = COUNT;

export function newBoard(): Board {
  return new Int32Array(new SharedArrayBuffer(4 * SIZE));
}

/** Opens a round. The one before must be over. */
export function openRound(board: Board, pieces: number): void {
  Atomics.store(board, PIECES, pieces);
  Atomics.store(board, DONE, 0);
  const round = ((Atomics.load(board, OPEN) >> 12) + 1) % ROUNDS;
  Atomics.store(board, OPEN, (round << 12) | pieces);
  Atomics.notify(board, OPEN);
}

/** Takes a piece of the open round; undefined where none is left. */
export function takePiece(board: Board): number | undefined {
  for (;;) {
    const open = Atomics.load(board, OPEN);
    const left = open & COUNT;
    if (left === 0) return undefined;
    const index = Atomics.load(board, PIECES) - left;
    // It fails where another took a piece, or the round changed, since `open` was read.
    if (Atomics.compareExchange(board, OPEN, open, open - 1) === open) return index;
  }
}

/** Counts a piece as done. Returns how many of the round are. */
export function finishPiece(board: Board): number {
  const done = Atomics.add(board, DONE, 1) + 1;
  Atomics.notify(board, DONE);
  return done;
}

/**
 * Blocks the thread until every piece of the round is done.
 * @returns false where a helper failed before that
 */
export function roundIsDone(board: Board, pieces: number): boolean {
  for (;;) {
    const done = Atomics.load(board, DONE);
    if (done === pieces) return true;
    if (Atomics.load(board, LOST) === 1) return false;
    Atomics.wait(board, DONE, done, 1000);
  }
}

/** There are no more rounds: helpers go. */
export function closeBoard(board: Board): void {
  Atomics.store(board, CLOSED, 1);
  Atomics.notify(board, OPEN);
}

/** A helper has failed: the owner need not wait for its piece. */
export function loseHelper(board: Board): void {
  Atomics.store(board, LOST, 1);
  Atomics.notify(board, DONE);
}

/** Asks one helper to go once its piece is done. */
export function callAway(board: Board): void {
  Atomics.add(board, LEAVE, 1);
  Atomics.notify(board, OPEN);
}

/** Does pieces of every round until the board is closed, or the helper is called away. Blocks the thread in between. */
export async function help(board: Board, open: () => Promise<Pieces>): Promise<void> {
  if (mayGo(board)) return;
  const pieces = await open();
  try {
    while (!mayGo(board)) {
      const index = takePiece(board);
      if (index !== undefined) {
        await pieces.piece(index);
        finishPiece(board);
        continue;
      }
      const over = Atomics.load(board, OPEN);
      if ((over & COUNT) === 0) Atomics.wait(board, OPEN, over, 100);
    }
  } finally {
    await pieces.close();
  }
}

function mayGo(board: Board): boolean {
  if (Atomics.load(board, CLOSED) === 1) return true;
  for (;;) {
    const wanted = Atomics.load(board, LEAVE);
    if (wanted === 0) return false;
    if (Atomics.compareExchange(board, LEAVE, wanted, wanted - 1) === wanted) return true;
  }
}
