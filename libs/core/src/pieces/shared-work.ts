import { RampartError } from '../error';
import { type Board, closeBoard, finishPiece, MOST_PIECES, newBoard, openRound, roundIsDone, takePiece } from './board';
import type { Crew, PieceJob } from './crew';
import type { Pieces } from './pieces';

/** Work in pieces that is done in this thread, and in those of a crew that are free. */
export class SharedWork {
  private readonly board: Board | undefined;

  /** @param own how this thread does a piece */
  constructor(
    private readonly own: Pieces,
    job: PieceJob,
    crew: Crew | undefined,
  ) {
    if (!crew || job.helpers < 1) return;
    this.board = newBoard();
    crew.call(job, this.board);
  }

  /**
   * Does the pieces 0 to count - 1, in no certain order.
   * @param onPiece told how many are done, after each that this thread does
   * @throws RampartError `contract` when a helper failed
   */
  async round(count: number, onPiece?: (done: number) => void): Promise<void> {
    const { board, own } = this;
    if (!board) {
      for (let index = 0; index < count; index++) {
        await own.piece(index);
        onPiece?.(index + 1);
      }
      return;
    }
    if (count > MOST_PIECES) {
      throw new RampartError({
        code: 'usage',
        message: `A round has at most ${MOST_PIECES} pieces. Received: ${count}.`,
      });
    }
    openRound(board, count);
    for (let index = takePiece(board); index !== undefined; index = takePiece(board)) {
      await own.piece(index);
      const done = finishPiece(board);
      onPiece?.(done);
    }
    if (roundIsDone(board, count)) return;
    throw new RampartError({ code: 'contract', message: 'A thread that helped with this work failed.' });
  }

  async close(): Promise<void> {
    if (this.board) closeBoard(this.board);
    await this.own.close();
  }
}
