// A thread that helps with work that counts how often each piece is done.
import { workerData } from 'node:worker_threads';

import { type Board, help } from './board';

const { board, counts } = workerData as { board: Board; counts: Int32Array<SharedArrayBuffer> };
const piece = async (index: number) => void Atomics.add(counts, index, 1);
void help(board, async () => ({ piece, close: () => Promise.resolve() }));
