import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { type Board, callAway, help, loseHelper, newBoard, openRound, takePiece } from './board';
import type { Crew } from './crew';
import { SharedWork } from './shared-work';

const PIECES = 40;
const OPTIONS = { execArgv: ['--conditions=@rampart/source', '--require=@swc-node/register'] };

/** A crew of so many threads that count in `counts`, and when they have ended. */
function startCrew(helpers: number, counts: Int32Array<SharedArrayBuffer>) {
  const ends: Promise<number>[] = [];
  const crew: Crew = {
    call(_job, board) {
      for (let i = 0; i < helpers; i++) {
        const file = path.join(__dirname, 'counting-helper.process.ts');
        const worker = new Worker(file, { ...OPTIONS, workerData: { board, counts } });
        ends.push(new Promise((done) => worker.once('exit', done)));
      }
    },
  };
  return { crew, ends };
}

describe('work in pieces', () => {
  it.each([0, 1, 3])('is done once each in every round, with %i helpers', async (helpers) => {
    const counts = new Int32Array(new SharedArrayBuffer(4 * PIECES));
    const { crew, ends } = startCrew(helpers, counts);
    const told: number[] = [];
    const own = {
      piece: async (index: number) => {
        Atomics.add(counts, index, 1);
        // Long enough for the others to find something to do.
        await new Promise((done) => setTimeout(done, 1));
      },
      close: () => Promise.resolve(),
    };
    const work = new SharedWork(own, { kind: 'counting', data: undefined, helpers }, helpers > 0 ? crew : undefined);
    for (let round = 1; round <= 20; round++) {
      const pieces = 1 + ((round * 7) % PIECES);
      counts.fill(0);
      await (round % 2 === 0 ? work.round(pieces) : work.round(pieces, (done) => told.push(done)));
      expect([...counts]).toEqual(Array.from(counts, (_, index) => Number(index < pieces)));
    }
    expect(Math.max(...told)).toBeLessThanOrEqual(PIECES);
    await work.close();
    expect(await Promise.all(ends)).toEqual(Array.from({ length: helpers }, () => 0));
  });

  it('is given up where a helper fails with a piece in its hands', async () => {
    let board: Board | undefined;
    const crew: Crew = { call: (_job, shown) => (board = shown) };
    const done: number[] = [];
    const own = {
      async piece(index: number) {
        done.push(index);
        if (index > 0) return;
        takePiece(board!);
        loseHelper(board!);
      },
      close: () => Promise.resolve(),
    };
    const work = new SharedWork(own, { kind: 'lost', data: undefined, helpers: 1 }, crew);
    await expect(work.round(4)).rejects.toMatchObject({ code: 'contract', message: expect.stringContaining('helped') });
    expect(done).toEqual([0, 2, 3]);
  });

  it('refuses more pieces than a board can count', async () => {
    const own = { piece: () => Promise.resolve(), close: () => Promise.resolve() };
    const work = new SharedWork(own, { kind: 'many', data: undefined, helpers: 1 }, { call: () => undefined });
    await expect(work.round(5000)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a helper', () => {
  const openNothing = () => Promise.reject(new Error('It has opened its work.'));

  it('goes, before it has begun, where the work is over or it is wanted elsewhere', async () => {
    const board = newBoard();
    callAway(board);
    await help(board, openNothing);
    // One call is for one helper.
    await expect(help(board, openNothing)).rejects.toThrow('opened');
  });

  it('leaves the pieces that are left to others once it is called away', async () => {
    const board = newBoard();
    openRound(board, 5);
    const done: number[] = [];
    const piece = async (index: number) => {
      done.push(index);
      if (index === 1) callAway(board);
    };
    await help(board, async () => ({ piece, close: () => Promise.resolve() }));
    expect(done).toEqual([0, 1]);
    expect(takePiece(board)).toBe(2);
  });
});
