// A thread that helps to train, says when it can begin, and counts the pieces that it has done.
import { workerData } from 'node:worker_threads';

import { type Board, help } from '@rampart/core';

import { openTrainingPieces, type SharedTraining } from './training-pieces';

const { data, board, counts } = workerData as {
  data: SharedTraining;
  board: Board;
  /** Helpers that can begin, and pieces done. */
  counts: Int32Array<SharedArrayBuffer>;
};
void help(board, async () => {
  const pieces = await openTrainingPieces(data);
  Atomics.add(counts, 0, 1);
  Atomics.notify(counts, 0);
  return {
    async piece(index) {
      await pieces.piece(index);
      Atomics.add(counts, 1, 1);
    },
    close: () => pieces.close(),
  };
});
